package io.blendnet.exr;

/**
 * The names with weights of one pixel of a Cryptomatte, united from two renders. For one thread,
 * from pixel to pixel.
 */
final class IdUnion {
  /** Weights that are nearer to each other than this count as equal: rounding must not rank. */
  private static final double QUANTUM = 1.0 / (1 << 16);

  private final float[] ids;
  private final double[] weights;
  private int size;

  /**
   * @param limit the most names that come together
   */
  IdUnion(int limit) {
    ids = new float[limit];
    weights = new double[limit];
  }

  void clear() {
    size = 0;
  }

  /** Adds to the name's weight. Names are compared by their bits: hashes may be NaN or -0. */
  void add(float id, double weight) {
    if (!(weight > 0)) {
      return;
    }
    for (int i = 0; i < size; i++) {
      if (Float.floatToRawIntBits(ids[i]) == Float.floatToRawIntBits(id)) {
        weights[i] += weight;
        return;
      }
    }
    ids[size] = id;
    weights[size] = weight;
    size++;
  }

  /** Heaviest first; of equal weights the smaller name, so that no order of arrival shows. */
  void sort() {
    for (int i = 1; i < size; i++) {
      float id = ids[i];
      double weight = weights[i];
      int j = i;
      while (j > 0 && isBefore(id, weight, ids[j - 1], weights[j - 1])) {
        ids[j] = ids[j - 1];
        weights[j] = weights[j - 1];
        j--;
      }
      ids[j] = id;
      weights[j] = weight;
    }
  }

  private static boolean isBefore(float id, double weight, float otherId, double otherWeight) {
    int byWeight = Long.compare(Math.round(weight / QUANTUM), Math.round(otherWeight / QUANTUM));
    return byWeight != 0 ? byWeight > 0 : Float.compare(id, otherId) < 0;
  }

  /** The name of that rank; 0 where there is none. */
  float id(int rank) {
    return rank < size ? ids[rank] : 0;
  }

  /** The weight of that rank; 0 where there is none. */
  float weight(int rank) {
    return rank < size ? (float) weights[rank] : 0;
  }
}
