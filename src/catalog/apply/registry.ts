import type { Sqlite } from '../../platform/sqlite.ts';
import type { ApplyTable } from './table.ts';

/** People and machines; a later event for the same id replaces the earlier one. */
export function applyRegistry(db: Sqlite): ApplyTable<'person.enrolled' | 'machine.registered'> {
  const put = (table: 'people' | 'machines') =>
    db.prepare(
      `INSERT INTO ${table} (id, data, idx, time) VALUES (@id, @data, @idx, @time)
       ON CONFLICT (id) DO UPDATE SET data = @data, idx = @idx, time = @time`,
    );
  const person = put('people');
  const machine = put('machines');
  return {
    'person.enrolled': ({ index, time, event }) => {
      const { person: data } = event.data;
      person.run({ id: data.id, data: JSON.stringify(data), idx: index, time });
    },
    'machine.registered': ({ index, time, event }) => {
      const { machine: data } = event.data;
      machine.run({ id: data.id, data: JSON.stringify(data), idx: index, time });
    },
  };
}
