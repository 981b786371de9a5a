package io.blendnet.bench;

import io.blendnet.exr.ExrAttribute;
import io.blendnet.exr.ExrChannel;
import io.blendnet.exr.ExrHeader;
import io.blendnet.exr.ExrReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What differs between two multilayer files.
 *
 * @param channels how many the wanted one has
 * @param difference the largest of all channels, relative to values above 1; infinite where a value
 *     is none, or a pixel is missing
 * @param different channels that differ by more than allowed, and what else is not the same:
 *     channels that are missing or too many, attributes, the size
 */
record FrameComparison(int channels, double difference, List<String> different) {
  private static final Pattern RANK = Pattern.compile("(.*\\.Crypto[A-Za-z]+)(\\d\\d)(.*)\\.r");

  FrameComparison {
    different = List.copyOf(different);
  }

  /** Every bit of every channel. */
  static FrameComparison exact(Path actual, Path wanted) throws IOException {
    return compare(actual, wanted, 0);
  }

  /**
   * Within rounding. Cryptomatte by its names, since the order of those with equal weights is
   * nobody's business; and where Blender's own file lists fewer names in a pixel than it has room
   * for: it drops what comes when the room is full, so there a merged file knows more.
   */
  static FrameComparison within(double tolerance, Path actual, Path wanted) throws IOException {
    return compare(actual, wanted, tolerance);
  }

  private static FrameComparison compare(Path actualFile, Path wantedFile, double tolerance)
      throws IOException {
    try (ExrReader actual = ExrReader.open(actualFile);
        ExrReader wanted = ExrReader.open(wantedFile)) {
      List<String> different = new ArrayList<>(headerDifferences(actual.header(), wanted.header()));
      int count = wanted.header().channels().size();
      if (!different.isEmpty()) {
        return new FrameComparison(count, Double.POSITIVE_INFINITY, different);
      }
      Map<String, float[]> ours = planes(actual);
      Map<String, float[]> theirs = planes(wanted);
      Set<String> cryptomattes = tolerance > 0 ? cryptomattes(theirs.keySet()) : Set.of();
      double most = 0;
      for (Map.Entry<String, float[]> channel : theirs.entrySet()) {
        String name = channel.getKey();
        if (cryptomattes.stream().noneMatch(name::startsWith)) {
          float[] other = ours.getOrDefault(name, new float[0]);
          double difference = difference(other, channel.getValue());
          most = Math.max(most, difference);
          if (tolerance > 0 ? !(difference <= tolerance) : !sameBits(other, channel.getValue())) {
            different.add(name);
          }
        }
      }
      for (String cryptomatte : cryptomattes) {
        double difference = idDifference(ours, theirs, cryptomatte);
        most = Math.max(most, difference);
        if (!(difference <= tolerance)) {
          different.add(cryptomatte);
        }
      }
      return new FrameComparison(count, most, different);
    }
  }

  private static List<String> headerDifferences(ExrHeader actual, ExrHeader wanted) {
    List<String> different = new ArrayList<>();
    Set<String> ours = names(actual);
    Set<String> theirs = names(wanted);
    theirs.stream().filter(name -> !ours.contains(name)).forEach(n -> different.add("lacks " + n));
    ours.stream().filter(name -> !theirs.contains(name)).forEach(n -> different.add("more " + n));
    if (!actual.dataWindow().equals(wanted.dataWindow())
        || !actual.displayWindow().equals(wanted.displayWindow())) {
      different.add(
          "windows %s, %s instead of %s, %s"
              .formatted(
                  actual.dataWindow(),
                  actual.displayWindow(),
                  wanted.dataWindow(),
                  wanted.displayWindow()));
    }
    for (ExrAttribute attribute : attributes(wanted).values()) {
      String name = attribute.name();
      if (!actual.attribute(name).equals(Optional.of(attribute))) {
        String other = actual.attribute(name).map(FrameComparison::text).orElse("missing");
        different.add("attribute %s is %s instead of %s".formatted(name, other, text(attribute)));
      }
    }
    attributes(actual).keySet().stream()
        .filter(name -> wanted.attribute(name).isEmpty())
        .forEach(name -> different.add("attribute " + name + " too many"));
    return different;
  }

  private static String text(ExrAttribute attribute) {
    String text = attribute.type().equals("string") ? attribute.text() : attribute.toString();
    return text.length() > 60 ? text.substring(0, 60) + "..." : text;
  }

  private static Set<String> names(ExrHeader header) {
    return new TreeSet<>(
        header.channels().stream().map(channel -> channel.name() + " " + channel.type()).toList());
  }

  /** Those that say how the frame was rendered; not when, for how long, and how it is packed. */
  private static Map<String, ExrAttribute> attributes(ExrHeader header) {
    Map<String, ExrAttribute> found = new TreeMap<>();
    for (ExrAttribute attribute : header.attributes()) {
      String name = attribute.name();
      boolean ofThisRun =
          name.endsWith("_time")
              || Set.of("Date", "RenderTime", "File", "channels", "compression", "lineOrder")
                  .contains(name);
      if (!ofThisRun) {
        found.put(name, attribute);
      }
    }
    return found;
  }

  private static Map<String, float[]> planes(ExrReader reader) throws IOException {
    List<String> names =
        reader.header().channels().stream().map(ExrChannel::name).sorted().toList();
    List<float[]> values = reader.planes(names);
    Map<String, float[]> planes = new TreeMap<>();
    for (int i = 0; i < names.size(); i++) {
      planes.put(names.get(i), values.get(i));
    }
    return planes;
  }

  private static boolean sameBits(float[] actual, float[] wanted) {
    for (int i = 0; i < wanted.length; i++) {
      if (Float.floatToRawIntBits(actual[i]) != Float.floatToRawIntBits(wanted[i])) {
        return false;
      }
    }
    return true;
  }

  private static double difference(float[] actual, float[] wanted) {
    double most = 0;
    for (int i = 0; i < wanted.length; i++) {
      if (Float.floatToRawIntBits(actual[i]) != Float.floatToRawIntBits(wanted[i])) {
        double difference =
            Math.abs((double) actual[i] - wanted[i]) / Math.max(1, Math.abs(wanted[i]));
        most = Double.isNaN(difference) ? Double.POSITIVE_INFINITY : Math.max(most, difference);
      }
    }
    return most;
  }

  /** Such as {@code ViewLayer.CryptoObject}, without the number of the level. */
  private static Set<String> cryptomattes(Set<String> channels) {
    Set<String> found = new HashSet<>();
    for (String name : channels) {
      Matcher rank = RANK.matcher(name);
      if (rank.matches()) {
        found.add(rank.group(1));
      }
    }
    return found;
  }

  private static double idDifference(
      Map<String, float[]> ours, Map<String, float[]> theirs, String cryptomatte) {
    List<String> channels =
        theirs.keySet().stream().filter(name -> name.startsWith(cryptomatte)).toList();
    List<float[][]> actual = ranks(ours, channels);
    List<float[][]> wanted = ranks(theirs, channels);
    double most = 0;
    int pixels = wanted.getFirst()[0].length;
    for (int pixel = 0; pixel < pixels; pixel++) {
      if (wanted.getLast()[1][pixel] == 0) {
        most = Math.max(most, idDifference(weights(actual, pixel), weights(wanted, pixel)));
      }
    }
    return most;
  }

  private static double idDifference(Map<Integer, Float> actual, Map<Integer, Float> wanted) {
    double most = actual.keySet().equals(wanted.keySet()) ? 0 : Double.POSITIVE_INFINITY;
    for (Map.Entry<Integer, Float> entry : wanted.entrySet()) {
      most = Math.max(most, Math.abs(entry.getValue() - actual.getOrDefault(entry.getKey(), 0f)));
    }
    return most;
  }

  /**
   * Names and weights by rank, from channels in the order 00.a, 00.b, 00.g, 00.r, 01.a and so on.
   */
  private static List<float[][]> ranks(Map<String, float[]> planes, List<String> channels) {
    List<float[][]> ranks = new ArrayList<>();
    for (int level = 0; level + 3 < channels.size(); level += 4) {
      float[] alpha = planes.getOrDefault(channels.get(level), new float[0]);
      float[] blue = planes.getOrDefault(channels.get(level + 1), new float[0]);
      float[] green = planes.getOrDefault(channels.get(level + 2), new float[0]);
      float[] red = planes.getOrDefault(channels.get(level + 3), new float[0]);
      ranks.add(new float[][] {red, green});
      ranks.add(new float[][] {blue, alpha});
    }
    return ranks;
  }

  private static Map<Integer, Float> weights(List<float[][]> ranks, int pixel) {
    Map<Integer, Float> weights = new HashMap<>();
    for (float[][] rank : ranks) {
      if (rank[1][pixel] > 0) {
        weights.merge(Float.floatToRawIntBits(rank[0][pixel]), rank[1][pixel], Float::sum);
      }
    }
    return weights;
  }
}
