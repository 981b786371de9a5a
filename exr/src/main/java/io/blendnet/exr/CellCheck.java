package io.blendnet.exr;

import io.blendnet.domain.CellLooks;
import io.blendnet.domain.Tile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Finds out whether a file that Blender says it saved holds what was asked for. Blender reports
 * success on a full disk, and with a live session it may silently render another number of samples
 * than asked for.
 */
public final class CellCheck {
  private static final String PREFIX = "cycles.";
  private static final String SUFFIX = ".samples";

  /** A session puts zeros in front of a count where it corrects one that was longer. */
  private static final Pattern COUNT = Pattern.compile("0*([1-9][0-9]{0,8})");

  private CellCheck() {}

  /**
   * Reads the whole file.
   *
   * @param rendered what the file must have the pixels of; where its data window begins doesn't
   *     matter
   * @param samples what the view layers must say they were rendered with, in {@code
   *     cycles.<layer>.samples}; some may have fewer, as a scene can give its view layers numbers
   *     of their own. 0: not checked, as engines other than Cycles don't say
   * @return what its picture looks like: unusual ones are for the caller to judge
   * @throws ExrFormatException naming the file and what is wrong with it
   */
  public static CellLooks check(Path exr, Tile rendered, int samples) throws IOException {
    try (ExrReader reader = ExrReader.open(exr)) {
      ExrHeader header = reader.header();
      checkSize(exr, header, rendered);
      if (samples > 0) {
        requireClaims(exr, header);
        checkClaims(exr, header, samples);
      }
      PictureWatch watch = new PictureWatch(header);
      reader.read(watch);
      return watch.looks();
    }
  }

  static void checkSize(Path exr, ExrHeader header, Tile rendered) throws ExrFormatException {
    ExrWindow window = header.dataWindow();
    if (window.width() != rendered.width() || window.height() != rendered.height()) {
      throw new ExrFormatException(
          exr,
          "the file has %d x %d pixels instead of %d x %d"
              .formatted(window.width(), window.height(), rendered.width(), rendered.height()));
    }
  }

  /**
   * Refuses a file of whose layers one says that it has more samples than asked for, or none that
   * it has as many. Some may have fewer: a scene can give its view layers numbers of their own.
   */
  static void checkClaims(Path exr, ExrHeader header, int samples) throws ExrFormatException {
    List<ExrAttribute> claims =
        header.attributes().stream().filter(attribute -> isSampleCount(attribute.name())).toList();
    boolean someHaveAll = claims.stream().anyMatch(claim -> count(claim) == samples);
    for (ExrAttribute claim : claims) {
      int count = count(claim);
      if (!someHaveAll || count < 1 || count > samples) {
        throw new ExrFormatException(
            exr,
            "the layer '%s' was rendered with '%s' samples instead of %d"
                .formatted(layerOf(claim.name()), claim.text(), samples));
      }
    }
  }

  /** Whether an attribute is a Cycles layer's number of samples. */
  static boolean isSampleCount(String attribute) {
    return attribute.startsWith(PREFIX)
        && attribute.endsWith(SUFFIX)
        && attribute.length() > PREFIX.length() + SUFFIX.length();
  }

  /** Refuses a file that doesn't say of each of its pictures how many samples it has. */
  private static void requireClaims(Path exr, ExrHeader header) throws ExrFormatException {
    for (ExrChannel channel : header.channels()) {
      String layer =
          PassName.parse(channel.name())
              .filter(PassName::isPicture)
              .map(PassName::layer)
              .orElse("");
      if (!layer.isEmpty() && header.string(PREFIX + layer + SUFFIX).isEmpty()) {
        throw new ExrFormatException(
            exr, "the file does not say how many samples the layer '%s' has".formatted(layer));
      }
    }
    if (header.attributes().stream().noneMatch(attribute -> isSampleCount(attribute.name()))) {
      throw new ExrFormatException(exr, "the file does not say how many samples it has");
    }
  }

  /** The number of samples that an attribute says, or 0 where it says none. */
  static int count(ExrAttribute attribute) {
    Matcher count = COUNT.matcher(attribute.text());
    return count.matches() ? Integer.parseInt(count.group(1)) : 0;
  }

  private static String layerOf(String attribute) {
    return attribute.substring(PREFIX.length(), attribute.length() - SUFFIX.length());
  }
}
