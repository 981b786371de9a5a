package io.blendnet.exr;

import java.util.List;
import java.util.Optional;

/**
 * How two renders of the same pixels with different samples become one, for the channels of one
 * kind of file. Which pass follows which rule was established by comparing merged ranges with whole
 * renders, pass by pass; see {@link MergePlanner}. Immutable.
 *
 * @param layers the view layers' rules
 * @param spillChannels for the names that fell out of Cryptomatte's ranks but may come back
 * @param obstacle why these files cannot be merged; a sentence without a full stop
 */
record MergePlan(List<Layer> layers, int spillChannels, Optional<String> obstacle) {
  MergePlan {
    layers = List.copyOf(layers);
  }

  static MergePlan of(ExrHeader header) {
    return new MergePlanner(header).plan();
  }

  /** Merges the run's added values into those held. */
  void merge(MergeRun run) {
    layers.forEach(layer -> layer.merge(run));
  }

  /**
   * The rules of one view layer.
   *
   * @param sampleShare channel of the share of samples that a pixel got under adaptive sampling,
   *     which its values weigh with
   * @param rules in the order in which they are to be applied
   */
  record Layer(Optional<Integer> sampleShare, List<PassMerge> rules) {
    Layer {
      rules = List.copyOf(rules);
    }

    void merge(MergeRun run) {
      sampleShare.ifPresentOrElse(run::weighByShare, run::weighBySamples);
      rules.forEach(rule -> rule.merge(run));
      sampleShare.ifPresent(channel -> {
        run.weighBySamples();
        new PassMerge.Mean(channel).merge(run);
      });
    }
  }
}
