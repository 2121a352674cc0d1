// Canvases: their pens, and pictures put on them pixel by pixel.

/**
 * What draws on a canvas.
 * @param {HTMLCanvasElement} canvas
 * @returns {CanvasRenderingContext2D}
 */
export function penOf(canvas) {
  const pen = canvas.getContext("2d");
  if (!pen) throw new Error("This browser draws on no canvas.");
  return pen;
}

/**
 * Make a canvas of this size in pixels and fill it with `pixels`: red, green, blue and opacity of each, row by row.
 * @param {HTMLCanvasElement} canvas
 * @param {{ width: number, height: number }} size
 * @param {Uint8ClampedArray<ArrayBuffer>} pixels
 */
export function putPixels(canvas, { width, height }, pixels) {
  Object.assign(canvas, { width, height });
  penOf(canvas).putImageData(new ImageData(pixels, width, height), 0, 0);
}
