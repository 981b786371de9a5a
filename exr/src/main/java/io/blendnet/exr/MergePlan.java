package io.blendnet.exr;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How two renders of the same pixels with different samples become one, for the channels of one
 * kind of file. Established by comparing merged ranges with whole renders, pass by pass:
 *
 * <ul>
 *   <li>what exists only where the frame's first sample is (depth, position, indices) is copied
 *       from there, and so are integers;
 *   <li>direct and indirect light are stored divided by the pass of the surface's colour, so each
 *       weighs with its colour;
 *   <li>Cryptomatte's ranks are lists of names with weights: united, then sorted again;
 *   <li>all else is a mean, weighted by samples; by each pixel's own count of samples, where a layer
 *       has that pass.
 * </ul>
 *
 * <p>Immutable.
 */
final class MergePlan {
  /** Both the names up to Blender 4.x and the ones since 5.0. */
  private static final List<String> FIRST_SAMPLE_ONLY =
      List.of("Depth", "Position", "IndexOB", "IndexMA", "Object Index", "Material Index");

  private static final String SAMPLE_COUNT = "Debug Sample Count";

  /** Light passes to the pass that they are divided by. */
  private static final Map<String, String> COLOR_OF =
      Map.ofEntries(
          Map.entry("DiffDir", "DiffCol"),
          Map.entry("DiffInd", "DiffCol"),
          Map.entry("GlossDir", "GlossCol"),
          Map.entry("GlossInd", "GlossCol"),
          Map.entry("TransDir", "TransCol"),
          Map.entry("TransInd", "TransCol"),
          Map.entry("Diffuse Direct", "Diffuse Color"),
          Map.entry("Diffuse Indirect", "Diffuse Color"),
          Map.entry("Glossy Direct", "Glossy Color"),
          Map.entry("Glossy Indirect", "Glossy Color"),
          Map.entry("Transmission Direct", "Transmission Color"),
          Map.entry("Transmission Indirect", "Transmission Color"));

  /** A rank of Cryptomatte: two names, each with its weight. */
  private static final Pattern CRYPTOMATTE = Pattern.compile("(.*[^0-9])([0-9]{2})");

  private final List<Layer> layers;
  private final Optional<String> obstacle;
  private final int spillChannels;

  /**
   * What is to be done for one view layer; numbers are indices of channels.
   *
   * @param sampleCount the pixel's own share of the samples asked for, or -1
   * @param ratios before the means, as they need the colours' old values
   */
  private record Layer(
      int sampleCount, int[] firsts, List<Ratio> ratios, List<IdRanks> ranks, int[] means) {}

  /**
   * @param light red, green and blue, as far as they are there
   * @param color of the same components
   */
  private record Ratio(int[] light, int[] color) {}

  /**
   * @param ids channels of the names, by rank
   * @param weights channels of their weights, falling
   * @param spill first of the spill channels, which go on with as many names and weights
   */
  private record IdRanks(int[] ids, int[] weights, int spill) {}

  private MergePlan(List<Layer> layers, Optional<String> obstacle, int spillChannels) {
    this.layers = layers;
    this.obstacle = obstacle;
    this.spillChannels = spillChannels;
  }

  static MergePlan of(ExrHeader header) {
    return new Builder(header).build();
  }

  /** Why these files cannot be merged; a sentence without a full stop. */
  Optional<String> obstacle() {
    return obstacle;
  }

  /** Channels for the names that fell out of Cryptomatte's ranks but may come back. */
  int spillChannels() {
    return spillChannels;
  }

  /**
   * Merges some neighbouring pixels.
   *
   * @param held values by channel and pixel; the result goes there
   * @param heldSamples number of samples they stand for
   * @param spill the spill channels of the same pixels
   * @param added values by channel and pixel
   * @param addedSamples number of samples they stand for
   * @param addedHasFirst whether the frame's first sample is among them
   * @param count of pixels
   */
  void merge(
      float[][] held,
      int heldSamples,
      float[][] spill,
      float[][] added,
      int addedSamples,
      boolean addedHasFirst,
      int count) {
    double[] heldWeights = new double[count];
    double[] addedWeights = new double[count];
    for (Layer layer : layers) {
      Arrays.fill(heldWeights, heldSamples);
      Arrays.fill(addedWeights, addedSamples);
      if (layer.sampleCount >= 0) {
        ownCounts(held[layer.sampleCount], heldWeights);
        ownCounts(added[layer.sampleCount], addedWeights);
      }
      if (addedHasFirst) {
        for (int channel : layer.firsts) {
          System.arraycopy(added[channel], 0, held[channel], 0, count);
        }
      }
      for (Ratio ratio : layer.ratios) {
        for (int i = 0; i < count; i++) {
          mergeRatio(ratio, held, heldWeights[i], added, addedWeights[i], i);
        }
      }
      for (IdRanks ranks : layer.ranks) {
        IdUnion union = new IdUnion(ranks.ids.length);
        for (int i = 0; i < count; i++) {
          mergeRanks(union, ranks, held, heldWeights[i], spill, added, addedWeights[i], i);
        }
      }
      for (int channel : layer.means) {
        mergeMean(held[channel], heldWeights, added[channel], addedWeights, count);
      }
      if (layer.sampleCount >= 0) {
        Arrays.fill(heldWeights, heldSamples);
        Arrays.fill(addedWeights, addedSamples);
        mergeMean(
            held[layer.sampleCount], heldWeights, added[layer.sampleCount], addedWeights, count);
      }
    }
  }

  /** From the share of the samples asked for to their number, where it is known. */
  private static void ownCounts(float[] shares, double[] weights) {
    for (int i = 0; i < weights.length; i++) {
      if (shares[i] > 0) {
        weights[i] *= shares[i];
      }
    }
  }

  private static void mergeMean(
      float[] held, double[] heldWeights, float[] added, double[] addedWeights, int count) {
    for (int i = 0; i < count; i++) {
      // Equal values stay as they are, infinities too.
      if (held[i] != added[i]) {
        held[i] =
            (float)
                ((held[i] * heldWeights[i] + added[i] * addedWeights[i])
                    / (heldWeights[i] + addedWeights[i]));
      }
    }
  }

  private static void mergeRatio(
      Ratio ratio,
      float[][] held,
      double heldWeight,
      float[][] added,
      double addedWeight,
      int pixel) {
    int components = ratio.light.length;
    boolean black = false;
    for (int k = 0; k < components; k++) {
      double heldColor = held[ratio.color[k]][pixel] * heldWeight;
      double addedColor = added[ratio.color[k]][pixel] * addedWeight;
      double color = heldColor + addedColor;
      float heldLight = held[ratio.light[k]][pixel];
      float addedLight = added[ratio.light[k]][pixel];
      if (color == 0) {
        held[ratio.light[k]][pixel] = 0;
        black = true;
      } else if (heldLight != addedLight) {
        // A part without colour has no say, even where its light is a stand-in (see below).
        double light =
            (heldColor == 0 ? 0 : heldLight * heldColor)
                + (addedColor == 0 ? 0 : addedLight * addedColor);
        held[ratio.light[k]][pixel] = (float) (light / color);
      }
    }
    if (black && components == 3) {
      evenOut(ratio, held, added, pixel);
    }
  }

  /**
   * Cycles shows the mean of the other components where a component of the surface's colour is zero
   * ({@code safe_divide_even_color}), so that the light does not look coloured.
   */
  private static void evenOut(Ratio ratio, float[][] held, float[][] added, int pixel) {
    float sum = 0;
    int colored = 0;
    for (int k = 0; k < 3; k++) {
      if (isColored(ratio, held, added, k, pixel)) {
        sum += held[ratio.light[k]][pixel];
        colored++;
      }
    }
    for (int k = 0; k < 3 && colored > 0; k++) {
      if (!isColored(ratio, held, added, k, pixel)) {
        held[ratio.light[k]][pixel] = colored == 2 ? 0.5f * sum : sum;
      }
    }
  }

  private static boolean isColored(
      Ratio ratio, float[][] held, float[][] added, int component, int pixel) {
    int color = ratio.color[component];
    return held[color][pixel] != 0 || added[color][pixel] != 0;
  }

  private static void mergeRanks(
      IdUnion union,
      IdRanks ranks,
      float[][] held,
      double heldWeight,
      float[][] spill,
      float[][] added,
      double addedWeight,
      int pixel) {
    double total = heldWeight + addedWeight;
    int levels = ranks.ids.length;
    union.clear();
    for (int rank = 0; rank < levels; rank++) {
      union.add(
          held[ranks.ids[rank]][pixel], held[ranks.weights[rank]][pixel] * heldWeight / total);
    }
    for (int rank = 0; rank < levels; rank++) {
      int at = ranks.spill + 2 * rank;
      union.add(spill[at][pixel], spill[at + 1][pixel] * heldWeight / total);
    }
    for (int rank = 0; rank < levels; rank++) {
      union.add(
          added[ranks.ids[rank]][pixel], added[ranks.weights[rank]][pixel] * addedWeight / total);
    }
    union.sort();
    for (int rank = 0; rank < levels; rank++) {
      held[ranks.ids[rank]][pixel] = union.id(rank);
      held[ranks.weights[rank]][pixel] = union.weight(rank);
    }
    for (int rank = 0; rank < levels; rank++) {
      int at = ranks.spill + 2 * rank;
      spill[at][pixel] = union.id(levels + rank);
      spill[at + 1][pixel] = union.weight(levels + rank);
    }
  }

  /** Sorts a header's channels into the layers' rules. */
  private static final class Builder {
    private final Map<String, Integer> indices = new LinkedHashMap<>();
    private final Map<String, PixelType> types = new LinkedHashMap<>();
    private final Map<String, List<PassName>> layers = new LinkedHashMap<>();
    private final List<Integer> loose = new ArrayList<>();
    private final ExrHeader header;
    private Optional<String> obstacle = Optional.empty();
    private int spill;

    Builder(ExrHeader header) {
      this.header = header;
      for (ExrChannel channel : header.channels()) {
        int index = indices.size();
        indices.put(channel.name(), index);
        types.put(channel.name(), channel.type());
        PassName.parse(channel.name())
            .ifPresentOrElse(
                name -> layers.computeIfAbsent(name.layer(), _ -> new ArrayList<>()).add(name),
                () -> loose.add(index));
      }
      if (header.attribute("multiView").isPresent()) {
        obstacle = Optional.of("pictures of several views cannot be merged from sample ranges");
      }
    }

    MergePlan build() {
      List<Layer> plans = new ArrayList<>();
      layers.forEach((layer, names) -> plans.add(plan(layer, names)));
      if (!loose.isEmpty()) {
        plans.add(new Layer(-1, new int[0], List.of(), List.of(), toArray(loose)));
      }
      return new MergePlan(plans, obstacle, spill);
    }

    private Layer plan(String layer, List<PassName> names) {
      int sampleCount = -1;
      List<Integer> firsts = new ArrayList<>();
      List<Integer> means = new ArrayList<>();
      Map<String, List<PassName>> ratios = new LinkedHashMap<>();
      Map<String, Map<Integer, Integer>> ranks = new TreeMap<>();
      for (PassName name : names) {
        int index = index(name);
        Matcher rank = CRYPTOMATTE.matcher(name.pass());
        if (FIRST_SAMPLE_ONLY.contains(name.pass())
            || header.channels().get(index).type() == PixelType.UINT) {
          firsts.add(index);
        } else if (name.pass().equals(SAMPLE_COUNT)) {
          sampleCount = index;
        } else if (COLOR_OF.containsKey(name.pass())) {
          ratios.computeIfAbsent(name.pass(), _ -> new ArrayList<>()).add(name);
        } else if (rank.matches() && isCryptomatte(layer, rank.group(1))) {
          int slot = 4 * Integer.parseInt(rank.group(2)) + component(name);
          ranks.computeIfAbsent(rank.group(1), _ -> new TreeMap<>()).put(slot, index);
        } else {
          means.add(index);
        }
      }
      return new Layer(
          sampleCount,
          toArray(firsts),
          ratios.values().stream().map(this::ratio).toList(),
          ranks.values().stream().map(this::ranks).toList(),
          toArray(means));
    }

    /** By the attributes that Cryptomatte's specification demands, else by Blender's names. */
    private boolean isCryptomatte(String layer, String base) {
      String full = layer + "." + base;
      return header.attributes().stream()
              .anyMatch(
                  a ->
                      a.name().startsWith("cryptomatte/")
                          && a.name().endsWith("/name")
                          && a.text().equals(full))
          || List.of("CryptoObject", "CryptoMaterial", "CryptoAsset").contains(base);
    }

    /** Place of a component in its rank: name, weight, name, weight. */
    private static int component(PassName name) {
      return switch (name.component()) {
        case "r", "R" -> 0;
        case "g", "G" -> 1;
        case "b", "B" -> 2;
        default -> 3;
      };
    }

    private Ratio ratio(List<PassName> light) {
      int[] lights = new int[light.size()];
      int[] colors = new int[light.size()];
      for (int i = 0; i < lights.length; i++) {
        PassName name = light.get(i);
        String colorPass = COLOR_OF.getOrDefault(name.pass(), "");
        String color = name.layer() + "." + colorPass + "." + name.component();
        lights[i] = index(name);
        Integer index = indices.get(color);
        if (index == null) {
          obstacle =
              Optional.of(
                  "'%s' cannot be merged from sample ranges without the pass '%s', which is missing"
                      .formatted(name.layerAndPass(), colorPass));
          colors[i] = lights[i];
        } else {
          colors[i] = index;
        }
      }
      return new Ratio(lights, colors);
    }

    private IdRanks ranks(Map<Integer, Integer> bySlot) {
      int levels = bySlot.size() / 2;
      int[] ids = new int[levels];
      int[] weights = new int[levels];
      List<Integer> slots = List.copyOf(bySlot.values());
      for (int level = 0; level < levels; level++) {
        ids[level] = slots.get(2 * level);
        weights[level] = slots.get(2 * level + 1);
      }
      IdRanks ranks = new IdRanks(ids, weights, spill);
      spill += 2 * levels;
      return ranks;
    }

    private int index(PassName name) {
      Integer index =
          indices.get(name.layer() + "." + name.pass() + "." + name.component());
      if (index == null) {
        throw new IllegalStateException("No channel " + name);
      }
      return index;
    }

    private static int[] toArray(List<Integer> values) {
      return values.stream().mapToInt(Integer::intValue).toArray();
    }
  }
}
