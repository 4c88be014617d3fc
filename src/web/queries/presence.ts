/** Whether somebody sits here: they touched, typed or moved something a moment ago. */

const momentMs = 60_000;
let lastTouch = Date.now();
const touched = (): void => {
  lastTouch = Date.now();
};
for (const kind of ['pointerdown', 'pointermove', 'keydown', 'wheel']) {
  document.addEventListener(kind, touched, { passive: true, capture: true });
}

export const isSomebodyThere = (): boolean => Date.now() - lastTouch < momentMs;
