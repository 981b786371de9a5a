package io.blendnet.exr;

import io.blendnet.domain.Tile;
import java.io.IOException;
import java.nio.file.Path;

/**
 * Finds out whether a file that Blender says it saved holds what was asked for. Blender reports
 * success on a full disk, and with a live session it may silently render another number of samples
 * than asked for.
 */
public final class CellCheck {
  private static final String PREFIX = "cycles.";
  private static final String SUFFIX = ".samples";

  private CellCheck() {}

  /**
   * Reads the whole file.
   *
   * @param rendered what the file must have the pixels of; where its data window begins doesn't
   *     matter
   * @param samples what every Cycles layer must have been rendered with, by its {@code
   *     cycles.<layer>.samples}; 0: not checked. Layers of other engines don't say and pass
   * @throws ExrFormatException naming the file and what is wrong with it
   */
  public static void check(Path exr, Tile rendered, int samples) throws IOException {
    try (ExrReader reader = ExrReader.open(exr)) {
      checkHeader(exr, reader.header(), rendered, samples);
      reader.verify();
    }
  }

  static void checkHeader(Path exr, ExrHeader header, Tile rendered, int samples)
      throws ExrFormatException {
    ExrWindow window = header.dataWindow();
    if (window.width() != rendered.width() || window.height() != rendered.height()) {
      throw new ExrFormatException(
          exr,
          "the file has %d x %d pixels instead of %d x %d"
              .formatted(window.width(), window.height(), rendered.width(), rendered.height()));
    }
    if (samples == 0) {
      return;
    }
    for (ExrAttribute attribute : header.attributes()) {
      if (isSampleCount(attribute.name()) && !attribute.text().equals(Integer.toString(samples))) {
        throw new ExrFormatException(
            exr,
            "the layer '%s' was rendered with '%s' samples instead of %d"
                .formatted(layerOf(attribute.name()), attribute.text(), samples));
      }
    }
  }

  /** Whether an attribute is a Cycles layer's number of samples. */
  static boolean isSampleCount(String attribute) {
    return attribute.startsWith(PREFIX)
        && attribute.endsWith(SUFFIX)
        && attribute.length() > PREFIX.length() + SUFFIX.length();
  }

  private static String layerOf(String attribute) {
    return attribute.substring(PREFIX.length(), attribute.length() - SUFFIX.length());
  }
}
