package io.blendnet.bench;

import io.blendnet.exr.ExrChannel;
import io.blendnet.exr.ExrReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** All passes of a multilayer OpenEXR file, by channel. */
record FramePlanes(Map<String, float[]> planes) {
  static FramePlanes of(Path file) throws IOException {
    try (ExrReader reader = ExrReader.open(file)) {
      List<String> names = reader.header().channels().stream().map(ExrChannel::name).toList();
      List<float[]> values = reader.planes(names);
      var planes = new TreeMap<String, float[]>();
      for (int i = 0; i < names.size(); i++) {
        planes.put(names.get(i), values.get(i));
      }
      return new FramePlanes(planes);
    }
  }

  /**
   * The largest difference from another frame, relative to values above 1; infinite where a channel
   * or a pixel is missing, or a value is none.
   */
  double differenceFrom(FramePlanes other) {
    if (!planes.keySet().equals(other.planes.keySet())) {
      return Double.POSITIVE_INFINITY;
    }
    double most = 0;
    for (Map.Entry<String, float[]> channel : planes.entrySet()) {
      most = Math.max(most, difference(channel.getValue(), other.plane(channel.getKey())));
    }
    return most;
  }

  /** Empty where there is none. */
  private float[] plane(String channel) {
    return planes.getOrDefault(channel, new float[0]);
  }

  private static double difference(float[] actual, float[] wanted) {
    if (actual.length != wanted.length) {
      return Double.POSITIVE_INFINITY;
    }
    double most = 0;
    for (int i = 0; i < actual.length; i++) {
      if (Float.compare(actual[i], wanted[i]) != 0) {
        double difference =
            Math.abs((double) actual[i] - wanted[i]) / Math.max(1, Math.abs(wanted[i]));
        most = Double.isNaN(difference) ? Double.POSITIVE_INFINITY : Math.max(most, difference);
      }
    }
    return most;
  }
}
