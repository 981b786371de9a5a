package io.blendnet.exr;

import java.util.Optional;

/**
 * A channel's name taken apart as Blender does: from the end, because only the layer's name may
 * hold dots.
 *
 * @param layer such as {@code ViewLayer}
 * @param pass such as {@code DiffDir}
 * @param component such as {@code R}
 */
record PassName(String layer, String pass, String component) {
  static Optional<PassName> parse(String channel) {
    int second = channel.lastIndexOf('.');
    int first = second < 0 ? -1 : channel.lastIndexOf('.', second - 1);
    if (first < 0) {
      return Optional.empty();
    }
    return Optional.of(
        new PassName(
            channel.substring(0, first),
            channel.substring(first + 1, second),
            channel.substring(second + 1)));
  }

  /** Whether this is a part of the layer's picture itself. */
  boolean isPicture() {
    return pass.equals("Combined");
  }

  /** The channel's name. */
  String channel() {
    return layer + "." + pass + "." + component;
  }

  /** As users and sessions name a pass: {@code Layer.Pass}. */
  String layerAndPass() {
    return layer + "." + pass;
  }
}
