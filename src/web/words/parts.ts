export const partWords = {
  copy: (what: string) => `Copy ${what}`,
  copied: 'Copied',
  digest: 'digest',
  utc: (time: string) => `${time} UTC`,
  close: 'Close',
  cancel: 'Cancel',
  reason: 'Reason',
  reasonHint: 'It will be in the ledger, word for word.',
  reasonMissing: 'Write a reason first.',
  unchanged: (lines: number) => `${lines.toLocaleString('en-US')} unchanged lines`,
  noPdf: 'This browser shows no PDF inside a page: open the page in another one.',
  shownTo: (person: string, time: string) => `shown to ${person} since ${time}`,
} as const;
