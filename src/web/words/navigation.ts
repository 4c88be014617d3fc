/** Of the families of pages, which every first page shows: their other words come with the pages. */
export const navigationWords = {
  review: 'Review',
  programs: 'Programs',
  deposits: 'Deposits',
  operator: 'Machines',
  trace: 'Trace',
} as const;
