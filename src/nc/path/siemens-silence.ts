/** Words of an 840D that choose a path or move an axis, and are not interpreted. Others of its words change no path. */
export const movingKeywords = new Set(
  (
    'TOFRAME TOROT TOFRAMEX TOFRAMEY TOFRAMEZ PAROT BSPLINE CSPLINE ASPLINE POLY INVCW INVCCW REPOSA REPOSL RMI RMB RME ' +
    'MEAS MEAW MEASA GEOAX TANGON MIRRORX PTP OSC OSSE PUNCH CONTPRON CONTDCON EXECUTE COUPON LEADON EGON PRESETON ' +
    'PRESETONS CALCPOSI SOLVE DO'
  ).split(' '),
);

/** Speeds, feeds and orders to the spindle. */
export const silentAddresses = new Set(
  'RPL SPOS SPOSA FB FZ FA FL FRC FRCM FGREF SF SPI OVR OVRA OVRRAP CTOL OTOL ATOL ACC ADIS ADISPOS JERKLIM D DL SD FP PRIO DISC'.split(
    ' ',
  ),
);

/** Cycles that set up and move nothing. */
export const silentCycles = new Set(['CYCLE832', 'CYCLE_HSC', 'CYCLE60', 'CYCLE108', 'CYCLE109']);
