import { compose, type Frame, type PlaneAxes, type Point, rotation, scaling, translation } from './frame.ts';

/** Datum shift, mirror, rotation and scale of a TNC: each is set by itself, and they add up in this order. */
export class HeidenhainFrame {
  shift: Point = [0, 0, 0];
  degrees = 0;
  /** -1 for an axis that is mirrored. */
  mirror: Point = [1, 1, 1];
  scale: Point = [1, 1, 1];
  /** Cycle 26 scales about a centre; cycle 11 about the datum. */
  scaleCentre: Point = [0, 0, 0];

  frame(plane: PlaneAxes): Frame {
    const [x, y, z] = this.scaleCentre;
    const scaled = compose(translation(this.scaleCentre), compose(scaling(this.scale), translation([-x, -y, -z])));
    const turned = compose(rotation(plane, this.degrees), compose(scaling(this.mirror), scaled));
    return compose(translation(this.shift), turned);
  }
}
