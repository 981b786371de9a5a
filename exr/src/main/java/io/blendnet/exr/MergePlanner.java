package io.blendnet.exr;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Finds the rule for each pass of a file:
 *
 * <ul>
 *   <li>what exists only where the frame's first sample is (depth, position, indices) is copied
 *       from there, and so are integers;
 *   <li>direct and indirect light of surfaces weigh with the surface's colour;
 *   <li>Cryptomatte's ranks are united;
 *   <li>the picture's alpha is counted in samples;
 *   <li>all else is a mean, weighted by samples; by each pixel's own count of samples, where a
 *       layer has that pass.
 * </ul>
 *
 * <p>Known limits, because the files lack what would be needed: {@code Vector} is Cycles' mean over
 * the samples that hit something, so a moving edge before the background comes out too slow; {@code
 * DiffInd} loses light that reached a surface through a volume, in pixels where a range saw no
 * diffuse surface itself; {@code Shadow Catcher} is a quotient of sums. Sessions name scenes with
 * these as not fit for sample ranges; tiles of one range are exact for them as well.
 */
final class MergePlanner {
  /** By the names up to Blender 4.x and those since 5.0. */
  private static final List<String> FIRST_SAMPLE_ONLY =
      List.of("Depth", "Position", "IndexOB", "IndexMA", "Object Index", "Material Index");

  private static final String SAMPLE_SHARE = "Debug Sample Count";

  /** Light passes and the pass that they are divided by, in both kinds of names. */
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

  /** A Cryptomatte's name and the number of two of its ranks. */
  private static final Pattern RANKS = Pattern.compile("(.*[^0-9])([0-9]{2})");

  private static final List<String> BLENDERS_RANKS =
      List.of("CryptoObject", "CryptoMaterial", "CryptoAsset");

  private final ExrHeader header;
  private final Map<String, Integer> indices = new LinkedHashMap<>();
  private Optional<String> obstacle = Optional.empty();
  private int spillChannels;

  MergePlanner(ExrHeader header) {
    this.header = header;
    header.channels().forEach(channel -> indices.put(channel.name(), indices.size()));
    if (header.attribute("multiView").isPresent()) {
      obstacle = Optional.of("pictures of several views cannot be merged from sample ranges");
    }
  }

  MergePlan plan() {
    Map<String, List<PassName>> byLayer = new LinkedHashMap<>();
    List<PassMerge> loose = new ArrayList<>();
    indices.forEach((channel, index) ->
        PassName.parse(channel)
            .ifPresentOrElse(
                name -> byLayer.computeIfAbsent(name.layer(), _ -> new ArrayList<>()).add(name),
                () -> loose.add(new PassMerge.Mean(index))));
    List<MergePlan.Layer> layers = new ArrayList<>();
    layers.add(new MergePlan.Layer(Optional.empty(), loose));
    byLayer.values().forEach(names -> layers.add(layer(names)));
    return new MergePlan(layers, spillChannels, obstacle);
  }

  private MergePlan.Layer layer(List<PassName> names) {
    Optional<Integer> sampleShare = Optional.empty();
    Map<String, List<PassName>> lights = new LinkedHashMap<>();
    Map<String, Map<Integer, Integer>> ranks = new TreeMap<>();
    List<PassMerge> simple = new ArrayList<>();
    for (PassName name : names) {
      int index = index(name);
      Matcher rank = RANKS.matcher(name.pass());
      if (FIRST_SAMPLE_ONLY.contains(name.pass())
          || header.channels().get(index).type() == PixelType.UINT) {
        simple.add(new PassMerge.FirstSample(index));
      } else if (name.pass().equals(SAMPLE_SHARE)) {
        sampleShare = Optional.of(index);
      } else if (COLOR_OF.containsKey(name.pass())) {
        lights.computeIfAbsent(name.pass(), _ -> new ArrayList<>()).add(name);
      } else if (rank.matches() && isCryptomatte(name.layer(), rank.group(1))) {
        int place = 4 * Integer.parseInt(rank.group(2)) + component(name);
        ranks.computeIfAbsent(rank.group(1), _ -> new TreeMap<>()).put(place, index);
      } else if (name.isPicture() && name.component().equals("A")) {
        simple.add(new PassMerge.Coverage(index));
      } else {
        simple.add(new PassMerge.Mean(index));
      }
    }
    List<PassMerge> rules = new ArrayList<>();
    // Before the means: they need the colours as they were.
    lights.values().forEach(light -> rules.add(light(light)));
    ranks.values().forEach(places -> rules.add(ids(places.values())));
    rules.addAll(simple);
    return new MergePlan.Layer(sampleShare, rules);
  }

  /** By the attributes that Cryptomatte's specification demands, else by Blender's names. */
  private boolean isCryptomatte(String layer, String pass) {
    String full = layer + "." + pass;
    return BLENDERS_RANKS.contains(pass)
        || header.attributes().stream()
            .anyMatch(attribute ->
                attribute.name().startsWith("cryptomatte/")
                    && attribute.name().endsWith("/name")
                    && attribute.text().equals(full));
  }

  /** Place within two ranks: name, weight, name, weight. */
  private static int component(PassName name) {
    return switch (name.component()) {
      case "r", "R" -> 0;
      case "g", "G" -> 1;
      case "b", "B" -> 2;
      default -> 3;
    };
  }

  private LightMerge light(List<PassName> names) {
    int[] light = new int[names.size()];
    int[] color = new int[names.size()];
    for (int i = 0; i < light.length; i++) {
      PassName name = names.get(i);
      String colorPass = COLOR_OF.getOrDefault(name.pass(), "");
      PassName colorName = new PassName(name.layer(), colorPass, name.component());
      light[i] = index(name);
      color[i] = indices.getOrDefault(colorName.channel(), light[i]);
      if (!indices.containsKey(colorName.channel())) {
        obstacle =
            Optional.of(
                "'%s' cannot be merged from sample ranges without the pass '%s', which is missing"
                    .formatted(name.layerAndPass(), colorPass));
      }
    }
    return new LightMerge(light, color);
  }

  private IdMerge ids(Collection<Integer> places) {
    int[] channels = places.stream().mapToInt(Integer::intValue).toArray();
    int ranks = channels.length / 2;
    int[] ids = new int[ranks];
    int[] weights = new int[ranks];
    for (int rank = 0; rank < ranks; rank++) {
      ids[rank] = channels[2 * rank];
      weights[rank] = channels[2 * rank + 1];
    }
    IdMerge merge = new IdMerge(ids, weights, spillChannels);
    spillChannels += IdMerge.spillChannels(ranks);
    return merge;
  }

  private int index(PassName name) {
    return indices.getOrDefault(name.channel(), -1);
  }
}
