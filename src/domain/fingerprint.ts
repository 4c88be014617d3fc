import type { Digest } from './digest.ts';

/** 256 short words that are told apart over the noise of a shop, each with another beginning or length than its neighbours. */
export const fingerprintWords: readonly string[] =
  `acorn adobe agate alder alloy alpha amber anchor ankle anvil apple apron arbor arch arrow ash
aspen atlas attic autumn axle badge bagel baker bamboo banjo barge barn basil basin beach beacon
beak bean bear beaver bell bench berry birch bishop bison blade blanket bobbin bolt bonnet boot
bottle boulder brass bread brick bridge brook broom brush bucket buckle bugle bullet butter button cabin
cable cactus camel canal candle canoe canvas canyon carbon cargo carpet carrot castle cedar cellar chain
chalk cherry chess chisel cider cinder circle citrus clay cliff clock clover coal cobalt cocoa coffee
comet copper coral cork cotton cougar coyote crane crater cricket crown crystal curtain cymbal daisy dapper
delta denim desert diamond dingo dolphin donkey dragon drum duck dune eagle earth easel echo elbow
ember emerald engine falcon feather fender ferry fiddle fig finch flame flask flint flute fog forest
fossil fox frost funnel galaxy garden garlic garnet gecko geyser ginger glacier globe glove goat gopher
granite grape gravel guitar gull hammer harbor hazel hedge helmet heron hickory hinge honey horn hornet
husky ice igloo indigo iris iron island ivory ivy jacket jade jaguar jasmine jigsaw jungle juniper
kayak kernel kettle kiln kite kiwi knot koala ladder lagoon lantern larch laser lava leaf lemon
lentil lever lilac lime linen lion lizard llama lobster locket lotus lumber lynx magnet mango maple
marble meadow melon mentor meteor mint mirror mitten molar moose mortar moss moth muffin mural nectar
needle nest nickel north nutmeg oak oasis oboe ocean olive onion onyx opal orbit orchid otter`
    .trim()
    .split(/\s+/);

/**
 * What a person compares by eye between a screen and a control or a piece of paper: three words for the first three bytes of
 * the digest, such as `copper-anvil-otter`. It tells programs apart that lie side by side; proof is the whole digest only.
 */
export function fingerprintOf(digest: Digest): string {
  const hex = digest.slice('sha256:'.length);
  return [0, 2, 4].map((at) => fingerprintWords[Number.parseInt(hex.slice(at, at + 2), 16)] ?? '').join('-');
}
