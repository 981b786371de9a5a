package io.blendnet.exr;

/** The rule of some channels for merging pixels that hold samples with other samples of theirs. */
sealed interface PassMerge permits PassMerge.Mean, PassMerge.FirstSample, LightMerge, IdMerge {
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
