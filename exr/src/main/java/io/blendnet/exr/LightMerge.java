package io.blendnet.exr;

/**
 * For direct and indirect light, which is stored divided by the colour of the surface: each side
 * weighs with its colour. To be applied before the colours themselves are merged.
 */
final class LightMerge implements PassMerge {
  private final int[] light;
  private final int[] color;

  /**
   * @param light channels of the components, as many as are there
   * @param color channels of the same components
   */
  LightMerge(int[] light, int[] color) {
    this.light = light.clone();
    this.color = color.clone();
  }

  @Override
  public void merge(MergeRun run) {
    for (int i = 0; i < run.count(); i++) {
      mergePixel(run, i);
    }
  }

  private void mergePixel(MergeRun run, int i) {
    int black = 0;
    for (int k = 0; k < light.length; k++) {
      double heldColor = run.held[color[k]][i] * run.heldWeights[i];
      double addedColor = run.added[color[k]][i] * run.addedWeights[i];
      float held = run.held[light[k]][i];
      float added = run.added[light[k]][i];
      if (isBlack(run, k, i)) {
        run.held[light[k]][i] = 0;
        black++;
      } else if (held != added) {
        // A side without colour has no say, even where its light is a stand-in: see evenOut().
        double sum =
            (heldColor == 0 ? 0 : held * heldColor) + (addedColor == 0 ? 0 : added * addedColor);
        run.held[light[k]][i] = (float) (sum / (heldColor + addedColor));
      }
    }
    if (black > 0 && black < light.length) {
      evenOut(run, i, light.length - black);
    }
  }

  /**
   * Cycles shows the mean of the other components where a component of the surface's colour is zero
   * ({@code safe_divide_even_color}), so that the light does not look coloured.
   */
  private void evenOut(MergeRun run, int i, int colored) {
    float sum = 0;
    for (int k = 0; k < light.length; k++) {
      if (!isBlack(run, k, i)) {
        sum += run.held[light[k]][i];
      }
    }
    for (int k = 0; k < light.length; k++) {
      if (isBlack(run, k, i)) {
        run.held[light[k]][i] = sum / colored;
      }
    }
  }

  private boolean isBlack(MergeRun run, int component, int i) {
    return run.held[color[component]][i] == 0 && run.added[color[component]][i] == 0;
  }
}
