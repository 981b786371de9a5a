package io.blendnet.exr;

/** The rule of some channels for merging pixels that hold samples with other samples of theirs. */
sealed interface PassMerge
    permits PassMerge.Mean, PassMerge.Coverage, PassMerge.FirstSample, LightMerge, IdMerge {
  void merge(MergeRun run);

  /** For values that are means of samples. */
  record Mean(int channel) implements PassMerge {
    @Override
    public void merge(MergeRun run) {
      float[] held = run.held[channel];
      float[] added = run.added[channel];
      for (int i = 0; i < run.count(); i++) {
        // Equal values stay as they are, infinities too.
        if (held[i] != added[i]) {
          double sum = held[i] * run.heldWeights[i] + added[i] * run.addedWeights[i];
          held[i] = (float) (sum / (run.heldWeights[i] + run.addedWeights[i]));
        }
      }
    }
  }

  /**
   * For the share of samples that hit something, which Cycles counts by those that missed. Mostly
   * these are whole samples, and half of them must stay a half: a bit less, and the picture of 8
   * bits shows 127 where it should show 128.
   */
  record Coverage(int channel) implements PassMerge {
    /** Parts of a sample that are told apart; a share of 256 samples is stored as finely. */
    private static final double PARTS = 1 << 16;

    @Override
    public void merge(MergeRun run) {
      float[] held = run.held[channel];
      float[] added = run.added[channel];
      for (int i = 0; i < run.count(); i++) {
        if (held[i] != added[i]) {
          double missed =
              missed(held[i], run.heldWeights[i]) + missed(added[i], run.addedWeights[i]);
          float share = 1 / (float) (run.heldWeights[i] + run.addedWeights[i]);
          held[i] = Math.fma((float) -missed, share, 1);
        }
      }
    }

    private static double missed(float hit, double samples) {
      return Math.rint((1.0 - hit) * samples * PARTS) / PARTS;
    }
  }

  /** For values that come from the first sample of the frame alone. */
  record FirstSample(int channel) implements PassMerge {
    @Override
    public void merge(MergeRun run) {
      if (run.addedHasFirst()) {
        System.arraycopy(run.added[channel], 0, run.held[channel], 0, run.count());
      }
    }
  }
}
