package io.blendnet.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.blendnet.exr.ExrChannel;
import io.blendnet.exr.ExrReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** All passes of a multilayer OpenEXR file, to be compared with another one's. */
final class FrameFile {
  private final Map<String, float[]> channels = new TreeMap<>();
  private final Map<String, String> attributes = new TreeMap<>();

  private FrameFile() {}

  static FrameFile of(Path file) throws IOException {
    FrameFile frame = new FrameFile();
    try (ExrReader reader = ExrReader.open(file)) {
      List<String> names =
          reader.header().channels().stream().map(ExrChannel::name).sorted().toList();
      List<float[]> planes = reader.planes(names);
      for (int i = 0; i < names.size(); i++) {
        frame.channels.put(names.get(i), planes.get(i));
      }
      reader.header().attributes().stream()
          .map(attribute -> attribute.name())
          .filter(FrameFile::saysHowItWasRendered)
          .forEach(name ->
              reader.header().string(name).ifPresent(text -> frame.attributes.put(name, text)));
    }
    return frame;
  }

  private static boolean saysHowItWasRendered(String attribute) {
    return attribute.startsWith("cryptomatte/")
        || attribute.endsWith(".samples")
        || List.of("BlenderMultiChannel", "Camera", "Frame", "Scene").contains(attribute);
  }

  /** How many channels it has. */
  int size() {
    return channels.size();
  }

  private float[] channel(String name) {
    float[] values = channels.get(name);
    if (values == null) {
      throw new AssertionError("No channel " + name + " in " + channels.keySet());
    }
    return values;
  }

  /** Every bit of every pass. */
  void assertIdenticalTo(FrameFile expected) {
    assertSameKind(expected);
    Map<String, String> different = new TreeMap<>();
    channels.forEach((name, values) -> {
      float[] wanted = expected.channel(name);
      if (!Arrays.equals(bits(values), bits(wanted))) {
        different.put(name, worst(values, wanted));
      }
    });
    assertThat(different).as("passes that are not bit-identical").isEmpty();
  }

  /**
   * Within rounding: relative to values above 1. Cryptomatte by its names, since the order of those
   * with equal weights is nobody's business.
   */
  void assertWithin(float tolerance, FrameFile expected) {
    assertSameKind(expected);
    Map<String, String> different = new TreeMap<>();
    channels.forEach((name, values) -> {
      float[] wanted = expected.channel(name);
      if (!name.contains(".Crypto") && !(difference(values, wanted) <= tolerance)) {
        different.put(name, worst(values, wanted));
      }
    });
    for (String crypto : cryptomattes()) {
      float difference = cryptomatteDifference(crypto, expected);
      if (!(difference <= tolerance)) {
        different.put(crypto, "weights differ by " + difference);
      }
    }
    assertThat(different).as("passes that differ by more than %s", tolerance).isEmpty();
  }

  private void assertSameKind(FrameFile expected) {
    assertThat(channels.keySet()).isEqualTo(expected.channels.keySet());
    assertThat(attributes).isEqualTo(expected.attributes);
  }

  private static int[] bits(float[] values) {
    int[] bits = new int[values.length];
    for (int i = 0; i < bits.length; i++) {
      bits[i] = Float.floatToRawIntBits(values[i]);
    }
    return bits;
  }

  private static float difference(float actual, float wanted) {
    float difference = Math.abs(actual - wanted) / Math.max(1, Math.abs(wanted));
    return Float.isNaN(difference) ? Float.MAX_VALUE : difference;
  }

  private static float difference(float[] actual, float[] wanted) {
    float most = 0;
    for (int i = 0; i < wanted.length; i++) {
      most = Math.max(most, difference(actual[i], wanted[i]));
    }
    return most;
  }

  private static String worst(float[] actual, float[] wanted) {
    int pixels = 0;
    int worst = 0;
    for (int i = 0; i < wanted.length; i++) {
      if (Float.floatToRawIntBits(actual[i]) != Float.floatToRawIntBits(wanted[i])) {
        pixels++;
        if (difference(actual[i], wanted[i]) >= difference(actual[worst], wanted[worst])) {
          worst = i;
        }
      }
    }
    return "%d of %d pixels, at most %s instead of %s at pixel %d"
        .formatted(pixels, wanted.length, actual[worst], wanted[worst], worst);
  }

  /** Such as {@code ViewLayer.CryptoObject}, without the number of the level. */
  private Set<String> cryptomattes() {
    Set<String> found = new TreeSet<>();
    for (String name : channels.keySet()) {
      if (name.matches(".*\\.Crypto[A-Za-z]+\\d\\d\\.r")) {
        found.add(name.substring(0, name.length() - 4));
      }
    }
    return found;
  }

  private float cryptomatteDifference(String base, FrameFile expected) {
    List<String> levels = new ArrayList<>();
    for (int level = 0; channels.containsKey("%s%02d.r".formatted(base, level)); level++) {
      levels.add("%s%02d.".formatted(base, level));
    }
    float most = 0;
    int pixels = channel(levels.getFirst() + "r").length;
    for (int pixel = 0; pixel < pixels; pixel++) {
      Map<Integer, Float> actual = weights(levels, pixel);
      Map<Integer, Float> wanted = expected.weights(levels, pixel);
      if (actual.size() != wanted.size()) {
        return Float.MAX_VALUE;
      }
      for (Map.Entry<Integer, Float> entry : actual.entrySet()) {
        float weight = wanted.getOrDefault(entry.getKey(), Float.MAX_VALUE);
        most = Math.max(most, Math.abs(entry.getValue() - weight));
      }
    }
    return most;
  }

  private Map<Integer, Float> weights(List<String> levels, int pixel) {
    Map<Integer, Float> weights = new HashMap<>();
    for (String level : levels) {
      for (String pair : List.of("rg", "ba")) {
        float weight = channel(level + pair.charAt(1))[pixel];
        if (weight > 0) {
          int id = Float.floatToRawIntBits(channel(level + pair.charAt(0))[pixel]);
          weights.put(id, weight);
        }
      }
    }
    return weights;
  }
}
