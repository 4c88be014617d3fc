import PDFDocument from 'pdfkit';
import type { Browser } from 'playwright-core';

/** A PDF of one green page: whether a browser really shows it can be seen. */
export async function greenPaper(): Promise<Buffer> {
  const doc = new PDFDocument({ size: 'A4' });
  doc.rect(0, 0, 600, 900).fill('#00c000');
  doc.end();
  return Buffer.concat(await doc.toArray());
}

/** Whether a tenth of a picture (PNG) is that green, under whatever watermark. */
export async function isGreen(browser: Browser, picture: Buffer): Promise<boolean> {
  const page = await browser.newPage();
  try {
    const found = await page.evaluate(`(async () => {
      const answer = await fetch('data:image/png;base64,${picture.toString('base64')}');
      const bitmap = await createImageBitmap(await answer.blob());
      const drawing = new OffscreenCanvas(bitmap.width, bitmap.height).getContext('2d');
      drawing.drawImage(bitmap, 0, 0);
      const { data } = drawing.getImageData(0, 0, bitmap.width, bitmap.height);
      let green = 0;
      for (let at = 0; at < data.length; at += 4) if (data[at + 1] > 120 && data[at] < 60 && data[at + 2] < 60) green++;
      return green / (data.length / 4);
    })()`);
    return Number(found) > 0.1;
  } finally {
    await page.close();
  }
}
