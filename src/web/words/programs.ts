export const programWords = {
  navigation: 'Programs',
  deposits: 'Deposits',
  programs: 'Programs',
} as const;
