package io.blendnet.exr;

/**
 * For Cryptomatte, whose channels list names with weights, heaviest first: the lists are united and
 * sorted again. What falls out of the ranks is kept in the spill, because it may rise again.
 */
final class IdMerge implements PassMerge {
  /** Names that the spill has room for, for each rank. */
  private static final int SPILL_PER_RANK = 3;

  private final int[] ids;
  private final int[] weights;
  private final int spill;

  /**
   * @param ids channels of the names, by rank
   * @param weights channels of their weights, by rank
   * @param spill first of its spill channels, of which it has {@link #spillChannels}
   */
  IdMerge(int[] ids, int[] weights, int spill) {
    this.ids = ids.clone();
    this.weights = weights.clone();
    this.spill = spill;
  }

  /** Spill channels for a list of so many ranks: as for the ranks, a name and a weight each. */
  static int spillChannels(int ranks) {
    return 2 * SPILL_PER_RANK * ranks;
  }

  @Override
  public void merge(MergeRun run) {
    IdUnion union = new IdUnion((2 + SPILL_PER_RANK) * ids.length);
    for (int i = 0; i < run.count(); i++) {
      unite(union, run, i);
      store(union, run, i);
    }
  }

  private void unite(IdUnion union, MergeRun run, int i) {
    double total = run.heldWeights[i] + run.addedWeights[i];
    double heldShare = run.heldWeights[i] / total;
    double addedShare = run.addedWeights[i] / total;
    union.clear();
    for (int rank = 0; rank < ids.length; rank++) {
      union.add(run.held[ids[rank]][i], run.held[weights[rank]][i] * heldShare);
      union.add(run.added[ids[rank]][i], run.added[weights[rank]][i] * addedShare);
    }
    for (int spilled = 0; spilled < SPILL_PER_RANK * ids.length; spilled++) {
      int at = spill + 2 * spilled;
      union.add(run.spill[at][i], run.spill[at + 1][i] * heldShare);
    }
    union.sort();
  }

  private void store(IdUnion union, MergeRun run, int i) {
    int ranks = ids.length;
    for (int rank = 0; rank < ranks; rank++) {
      run.held[ids[rank]][i] = union.id(rank);
      run.held[weights[rank]][i] = union.weight(rank);
    }
    for (int spilled = 0; spilled < SPILL_PER_RANK * ranks; spilled++) {
      int at = spill + 2 * spilled;
      run.spill[at][i] = union.id(ranks + spilled);
      run.spill[at + 1][i] = union.weight(ranks + spilled);
    }
  }
}
