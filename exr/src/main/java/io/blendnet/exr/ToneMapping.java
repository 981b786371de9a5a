package io.blendnet.exr;

/**
 * From scene-linear light to 8-bit sRGB, for previews. One fixed curve, whatever the scene's view
 * transform is: linear up to {@value #SHOULDER}, from there a shoulder that approaches 1 without
 * reaching a hard edge, then sRGB's transfer function. A preview of a {@code Standard} scene looks
 * like its picture except for the highlights, which keep their drawing.
 */
public final class ToneMapping {
  /** Linear light from which on highlights are rolled off. */
  private static final double SHOULDER = 0.7;

  /** For each 8-bit value but 0, the smallest light that is shown as that value. */
  private static final float[] THRESHOLDS = thresholds();

  private ToneMapping() {}

  /**
   * The 8-bit value of one component.
   *
   * @param light scene-linear; negative and NaN give 0, infinity 255
   * @return 0 to 255
   */
  public static int toByte(float light) {
    if (!(light > 0)) {
      return 0;
    }
    int low = 0;
    int high = THRESHOLDS.length;
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (THRESHOLDS[middle] <= light) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }

  /** A pixel as {@code 0xRRGGBB}. */
  public static int toRgb(float red, float green, float blue) {
    return toByte(red) << 16 | toByte(green) << 8 | toByte(blue);
  }

  private static float[] thresholds() {
    float[] thresholds = new float[255];
    for (int value = 1; value <= 255; value++) {
      // Where rounding to the nearest switches from the value below to this one.
      double encoded = (value - 0.5) / 255;
      double display =
          encoded <= 0.04045 ? encoded / 12.92 : Math.pow((encoded + 0.055) / 1.055, 2.4);
      double room = 1 - SHOULDER;
      double light =
          display <= SHOULDER
              ? display
              : SHOULDER - room * Math.log(1 - (display - SHOULDER) / room);
      thresholds[value - 1] = (float) light;
    }
    return thresholds;
  }
}
