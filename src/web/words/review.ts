export const reviewWords = {
  navigation: 'Review',
  queue: 'Packages to review',
} as const;
