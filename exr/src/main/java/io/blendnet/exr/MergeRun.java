package io.blendnet.exr;

import java.util.Arrays;

/**
 * Neighbouring pixels of one row that hold the same samples, with what is to be merged into them.
 * One thread uses it again and again.
 */
final class MergeRun {
  /** Values by channel and pixel; the results go there. */
  final float[][] held;

  /** Values by channel and pixel. */
  final float[][] added;

  /** Values by spill channel and pixel; see {@link MergePlan#spillChannels}. */
  final float[][] spill;

  /** By pixel: how much its held values weigh. */
  final double[] heldWeights;

  /** By pixel: how much its added values weigh. */
  final double[] addedWeights;

  private int count;
  private int heldSamples;
  private int addedSamples;
  private boolean addedHasFirst;

  MergeRun(int channels, int spillChannels, int width) {
    held = new float[channels][width];
    added = new float[channels][width];
    spill = new float[spillChannels][width];
    heldWeights = new double[width];
    addedWeights = new double[width];
  }

  /**
   * Begins anew.
   *
   * @param pixels number of pixels in use
   * @param firstIsAdded whether the frame's first sample is among the added ones
   */
  void begin(int pixels, int samplesHeld, int samplesAdded, boolean firstIsAdded) {
    count = pixels;
    heldSamples = samplesHeld;
    addedSamples = samplesAdded;
    addedHasFirst = firstIsAdded;
  }

  /** Number of pixels. */
  int count() {
    return count;
  }

  boolean addedHasFirst() {
    return addedHasFirst;
  }

  /** Every pixel weighs with the samples that were asked for. */
  void weighBySamples() {
    Arrays.fill(heldWeights, 0, count, heldSamples);
    Arrays.fill(addedWeights, 0, count, addedSamples);
  }

  /**
   * Every pixel weighs with the samples that it got.
   *
   * @param channel of their share of the samples that were asked for
   */
  void weighByShare(int channel) {
    weighBySamples();
    for (int i = 0; i < count; i++) {
      if (held[channel][i] > 0 && added[channel][i] > 0) {
        heldWeights[i] *= held[channel][i];
        addedWeights[i] *= added[channel][i];
      }
    }
  }
}
