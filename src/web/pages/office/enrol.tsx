import { useState } from 'react';
import { Link, useLocation, useParams, useSearchParams } from 'wouter';
import type { Change } from '../../../edges/http/contract/changes.ts';
import type { PersonView } from '../../../edges/http/contract/registry.ts';
import { Empty } from '../../parts/empty.tsx';
import type { OfferedKey } from '../../queries/keys.ts';
import { usePeople } from '../../queries/office.ts';
import { keyWords } from '../../words/keys.ts';
import { personWords as words } from '../../words/office.ts';
import { KeyOffer } from './key-offer.tsx';
import styles from './office.module.css';
import { OfficePage } from './office-page.tsx';
import { draftOf, emptyPerson, factsOf, missingOf, type PersonDraft } from './person-draft.ts';
import { PersonFields } from './person-fields.tsx';
import { SignForm } from './sign-form.tsx';

/** Somebody new, with a key of their own: the draft that two administrators sign. */
export function EnrolPerson() {
  const [search] = useSearchParams();
  const [draft, setDraft] = useState<PersonDraft>(() => ({
    ...emptyPerson,
    ...{ id: search.get('id') ?? '', name: search.get('name') ?? '' },
  }));
  const [key, setKey] = useState<OfferedKey>();
  const [, navigate] = useLocation();
  const missing = missingOf(draft, key);
  const person = { id: draft.id.trim(), ...factsOf(draft), keys: key ? [key] : [] };
  return (
    <OfficePage section="people" error={null}>
      <form className={styles.panel} onSubmit={(event) => event.preventDefault()}>
        <h2>{words.enrolTitle}</h2>
        <p className={styles.quiet}>{words.enrolLead}</p>
        <div className={styles.form}>
          <PersonFields draft={draft} isNew change={setDraft} />
          <section aria-label={keyWords.offer}>
            <h3>{keyWords.offer}</h3>
            <KeyOffer key={draft.id} person={draft.id.trim()} offered={key} take={setKey} />
          </section>
        </div>
        <SignForm
          missing={missing}
          title={words.enrolSign(draft.id)}
          change={{ kind: 'person.enrol', person } as Change}
          done={() => navigate('/changes')}
        />
      </form>
    </OfficePage>
  );
}

/** Facts of somebody who is enrolled; what is not in the form stays as it is. */
export function ChangePerson() {
  const { id = '' } = useParams<{ id: string }>();
  const { data, error } = usePeople();
  const known = data?.people.find(({ person }) => person.id === id);
  return (
    <OfficePage section="people" error={error}>
      {known && <FactsForm key={JSON.stringify(known.person)} known={known} />}
      {data && !known && (
        <Empty title={words.unknownPerson}>
          <Link href="/people">{words.toPeople}</Link>
        </Empty>
      )}
    </OfficePage>
  );
}

function FactsForm({ known: { person } }: { known: PersonView }) {
  const [draft, setDraft] = useState<PersonDraft>(() => draftOf(person));
  const [, navigate] = useLocation();
  const training = person.training ? { training: person.training } : {};
  const facts = { ...factsOf(draft), ...training };
  return (
    <form className={styles.panel} onSubmit={(event) => event.preventDefault()}>
      <h2>{words.changeTitle(person.id)}</h2>
      <p className={styles.quiet}>{words.changeLead}</p>
      <div className={styles.form}>
        <PersonFields draft={draft} isNew={false} change={setDraft} />
      </div>
      <SignForm
        missing={missingOf(draft, 'not asked')}
        title={words.changeTitle(person.id)}
        change={{ kind: 'person.change', person: person.id, facts } as Change}
        done={() => navigate('/changes')}
      />
    </form>
  );
}
