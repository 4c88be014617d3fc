import type { Change } from '../../../edges/http/contract/changes.ts';
import type { PersonView } from '../../../edges/http/contract/registry.ts';
import { Digest } from '../../parts/digest.tsx';
import { Empty } from '../../parts/empty.tsx';
import { usePeople } from '../../queries/office.ts';
import { officeWords as words } from '../../words/office.ts';
import styles from './office.module.css';
import { OfficePage } from './office-page.tsx';
import { SignChange } from './sign-change.tsx';

type Key = PersonView['person']['keys'][number];

/** Every key that signs anything here, and whose it is. */
export function Keys() {
  const { data, error } = usePeople();
  const rows = data?.people.flatMap(({ person }) => person.keys.map((key) => ({ person, key }))) ?? [];
  return (
    <OfficePage section="keys" error={error}>
      {data && rows.length === 0 && <Empty title={words.noPeople}>{words.startPeopleHow}</Empty>}
      <div className={styles.scroll}>
        <table className={styles.table}>
          <thead>
            <tr>
              <th>{words.person}</th>
              <th>{words.key}</th>
              <th>{words.held}</th>
              <th>{words.expires}</th>
              <th>
                <span className={styles.hidden}>{words.change}</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {rows.map(({ person, key }) => (
              <tr key={key.keyId}>
                <td>
                  <strong>{person.id}</strong> <span className={styles.quiet}>{person.name}</span>
                </td>
                <td>
                  <Digest value={key.keyId} />
                </td>
                <td>{words.assurance[key.assurance]}</td>
                <td>{expiryOf(key)}</td>
                <td>
                  <SignChange
                    label={words.revoke}
                    title={words.revokeTitle(person.id)}
                    lead={words.revokeLead}
                    change={(reason) => ({
                      change: { kind: 'person.key-revoke', person: person.id, keyId: key.keyId } as Change,
                      reason,
                    })}
                  />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </OfficePage>
  );
}

const expiryOf = (key: Key): string => (key.assurance === 'service' ? key.expires : '–');
