package io.blendnet.exr;

import io.blendnet.domain.Cell;
import io.blendnet.domain.FrameSize;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The attributes of the frame, from those of its cells: from the first cell in the order of samples
 * and tiles, whichever comes when; times are summed.
 */
final class FrameAttributes {
  private static final Comparator<Cell> ORDER =
      Comparator.comparing(Cell::samples).thenComparing(Cell::tile);

  /** Blender's {@code RenderTime} and Cycles' times: minutes, seconds, hundredths. */
  private static final Pattern TIME =
      Pattern.compile("(?:([0-9]{1,6}):)?([0-9]{1,2}):([0-9]{1,2})\\.([0-9]{2})");

  private final Map<String, Long> hundredths = new LinkedHashMap<>();
  private ExrHeader header;
  private @Nullable Cell origin;

  FrameAttributes(ExrHeader first) {
    this.header = first;
  }

  /** The header of one of the cells; all have the same channels. */
  ExrHeader header() {
    return header;
  }

  /** Refuses a file whose channels aren't those of the cells before it. */
  void checkChannels(Path file, ExrHeader other) throws ExrFormatException {
    if (header.channels().equals(other.channels())) {
      return;
    }
    List<ExrChannel> missing = new ArrayList<>(header.channels());
    missing.removeAll(other.channels());
    List<ExrChannel> surplus = new ArrayList<>(other.channels());
    surplus.removeAll(header.channels());
    throw new ExrFormatException(
        file,
        "the channels differ from those of the cells before: %s missing, %s more%s"
            .formatted(
                names(missing),
                names(surplus),
                "; was it rendered with other passes or another Blender?"));
  }

  private static String names(List<ExrChannel> channels) {
    return channels.isEmpty()
        ? "none"
        : channels.stream().limit(5).map(c -> c.name() + " " + c.type()).toList().toString();
  }

  void add(Cell cell, ExrHeader cellHeader) {
    if (origin == null || ORDER.compare(cell, origin) < 0) {
      origin = cell;
      header = cellHeader;
    }
    for (ExrAttribute attribute : cellHeader.attributes()) {
      if (isTime(attribute.name())) {
        parse(attribute.text())
            .ifPresent(time -> hundredths.merge(attribute.name(), time, Long::sum));
      }
    }
  }

  /** The header of the finished frame. */
  ExrHeader finished(
      FrameSize size, int samples, Collection<String> passesToDrop, Compression compression) {
    List<ExrChannel> kept =
        header.channels().stream().filter(channel -> !isDropped(channel, passesToDrop)).toList();
    if (kept.isEmpty()) {
      throw new IllegalStateException("No pass is left when " + passesToDrop + " are dropped");
    }
    ExrHeader finished =
        header
            .withChannels(kept)
            .withWindow(ExrWindow.of(size))
            .withCompression(compression)
            .withLineOrder(LineOrder.INCREASING_Y);
    for (ExrAttribute attribute : header.attributes()) {
      @Nullable Long time = hundredths.get(attribute.name());
      if (isCellsCount(attribute)) {
        finished = finished.with(ExrAttribute.string(attribute.name(), Integer.toString(samples)));
      } else if (time != null) {
        finished = finished.with(ExrAttribute.string(attribute.name(), format(time)));
      }
    }
    return finished;
  }

  /** Whether it's the cell's number of samples; a layer with one of its own keeps that. */
  private boolean isCellsCount(ExrAttribute attribute) {
    return CellCheck.isSampleCount(attribute.name())
        && origin != null
        && CellCheck.count(attribute) == origin.samples().size();
  }

  private static boolean isDropped(ExrChannel channel, Collection<String> passesToDrop) {
    return PassName.parse(channel.name())
        .filter(name -> passesToDrop.contains(name.layerAndPass()))
        .isPresent();
  }

  private static boolean isTime(String attribute) {
    return attribute.equals("RenderTime")
        || (attribute.startsWith("cycles.") && attribute.endsWith("_time"));
  }

  private static Optional<Long> parse(String text) {
    Matcher time = TIME.matcher(text);
    if (!time.matches()) {
      return Optional.empty();
    }
    long hours = time.group(1) == null ? 0 : Long.parseLong(time.group(1));
    long minutes = hours * 60 + Long.parseLong(time.group(2));
    long seconds = minutes * 60 + Long.parseLong(time.group(3));
    return Optional.of(seconds * 100 + Long.parseLong(time.group(4)));
  }

  private static String format(long hundredths) {
    long seconds = hundredths / 100;
    long minutes = seconds / 60;
    long hours = minutes / 60;
    String rest = "%02d:%02d.%02d".formatted(minutes % 60, seconds % 60, hundredths % 100);
    return hours == 0 ? rest : "%02d:%s".formatted(hours, rest);
  }
}
