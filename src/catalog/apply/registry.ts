import type { EventType } from '../../domain/events.ts';
import type { Machine } from '../../domain/machines.ts';
import type { Person } from '../../domain/people.ts';
import { nextPerson, type PeopleEntry, type PeopleEvent, personOf } from '../../domain/people-register.ts';
import { canonicalJson } from '../../platform/hash.ts';
import type { Sqlite } from '../../platform/sqlite.ts';
import type { ApplyTable } from './table.ts';

type MachineEvent = Extract<EventType, `machine.${string}`>;

/** People and machines as they are now; what they were is in the ledger. */
export function applyRegistry(db: Sqlite): ApplyTable<PeopleEvent | MachineEvent> {
  const put = (table: 'people' | 'machines') =>
    db.prepare(
      `INSERT INTO ${table} (id, data, idx, time) VALUES (@id, @data, @idx, @time)
       ON CONFLICT (id) DO UPDATE SET data = @data, idx = @idx, time = @time`,
    );
  const machine = put('machines');
  const removeMachine = db.prepare('DELETE FROM machines WHERE id = ?');
  const putMachine = (data: Machine, idx: number, time: string) =>
    void machine.run({ id: data.id, data: JSON.stringify(data), idx, time });
  const person = applyPerson(db, put('people'));
  return {
    'person.enrolled': person,
    'person.changed': person,
    'person.key-added': person,
    'person.key-revoked': person,
    'person.off-boarded': person,
    'machine.registered': ({ index, time, event }) => putMachine(event.data.machine, index, time),
    'machine.changed': ({ index, time, event }) => putMachine(event.data.machine, index, time),
    'machine.retired': ({ event }) => void removeMachine.run(event.data.machineId),
    // What is current of these is asked of the standing only.
    'machine.key-revoked': () => {},
    'machine.suspended': () => {},
    'machine.resumed': () => {},
    'machine.safeguarded': () => {},
  };
}

function applyPerson(db: Sqlite, put: ReturnType<Sqlite['prepare']>): (entry: PeopleEntry) => void {
  const get = db.prepare('SELECT data FROM people WHERE id = ?').pluck();
  const remove = db.prepare('DELETE FROM people WHERE id = ?');
  return (entry) => {
    const id = personOf(entry);
    const before = get.get(id) as string | undefined;
    const after = nextPerson(entry, before === undefined ? undefined : (JSON.parse(before) as Person));
    // In one order of keys, however the person came to be.
    if (after) put.run({ id, data: canonicalJson(after).toString('utf8'), idx: entry.index, time: entry.time });
    else remove.run(id);
  };
}
