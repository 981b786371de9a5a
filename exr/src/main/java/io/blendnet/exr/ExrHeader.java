package io.blendnet.exr;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.blendnet.domain.FrameSize;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The header of a scanline file of one part: its attributes in the file's order, of which all that
 * are not understood here are kept byte for byte. Immutable; {@code with...} returns a changed
 * copy.
 *
 * <p>What makes no sense or isn't read here (sub-sampled channels, other compressions) is refused
 * with an {@link IllegalArgumentException}; {@link ExrReader} turns it into an {@link
 * ExrFormatException} that names the file.
 */
public final class ExrHeader {
  static final int MAGIC = 20_000_630;
  static final int VERSION = 2;
  static final int LONG_NAMES = 0x400;

  private static final String CHANNELS = "channels";
  private static final String COMPRESSION = "compression";
  private static final String DATA_WINDOW = "dataWindow";
  private static final String DISPLAY_WINDOW = "displayWindow";
  private static final String LINE_ORDER = "lineOrder";

  /** More channels than any scene has; bounds what a hostile file makes us keep. */
  private static final int CHANNEL_LIMIT = 16_384;

  /** Names longer than this need the long-names flag. */
  private static final int SHORT_NAME = 31;

  private final Map<String, ExrAttribute> attributes;
  private final List<ExrChannel> channels;
  private final ExrWindow dataWindow;
  private final ExrWindow displayWindow;
  private final Compression compression;
  private final LineOrder lineOrder;

  ExrHeader(Collection<ExrAttribute> attributes) {
    this.attributes = new LinkedHashMap<>();
    for (ExrAttribute attribute : attributes) {
      if (this.attributes.put(attribute.name(), attribute) != null) {
        throw new IllegalArgumentException("two attributes named '" + attribute.name() + "'");
      }
    }
    string("type")
        .filter(type -> !type.equals("scanlineimage"))
        .ifPresent(type -> {
          throw new IllegalArgumentException(
              "'" + type + "' is not read here; save the file as scanlines");
        });
    channels = parseChannels(required(CHANNELS, "chlist", 1));
    compression = Compression.ofCode(required(COMPRESSION, "compression", 1).get());
    dataWindow = parseWindow(required(DATA_WINDOW, "box2i", 16));
    displayWindow = parseWindow(required(DISPLAY_WINDOW, "box2i", 16));
    lineOrder = LineOrder.ofCode(required(LINE_ORDER, "lineOrder", 1).get());
  }

  /**
   * A header with nothing but what every file must have.
   *
   * @param channels in any order; at least one
   */
  public static ExrHeader of(
      FrameSize size, Collection<ExrChannel> channels, Compression compression) {
    ExrWindow window = ExrWindow.of(size);
    return new ExrHeader(
        List.of(
            new ExrAttribute(CHANNELS, "chlist", channelBytes(channels)),
            new ExrAttribute(COMPRESSION, "compression", new byte[] {(byte) compression.code()}),
            new ExrAttribute(DATA_WINDOW, "box2i", windowBytes(window)),
            new ExrAttribute(DISPLAY_WINDOW, "box2i", windowBytes(window)),
            new ExrAttribute(LINE_ORDER, "lineOrder", new byte[] {0}),
            new ExrAttribute("pixelAspectRatio", "float", floatBytes(1)),
            new ExrAttribute("screenWindowCenter", "v2f", floatBytes(0, 0)),
            new ExrAttribute("screenWindowWidth", "float", floatBytes(1))));
  }

  /** All attributes, in the file's order. */
  public List<ExrAttribute> attributes() {
    return List.copyOf(attributes.values());
  }

  public Optional<ExrAttribute> attribute(String name) {
    return Optional.ofNullable(attributes.get(name));
  }

  /** The text of an attribute of the type {@code string}; empty where there is none. */
  public Optional<String> string(String name) {
    return attribute(name).filter(a -> a.type().equals("string")).map(ExrAttribute::text);
  }

  /** In the file's order, in which pixels lie too. At least one. */
  public List<ExrChannel> channels() {
    return channels;
  }

  /** What the file has pixels of. */
  public ExrWindow dataWindow() {
    return dataWindow;
  }

  public ExrWindow displayWindow() {
    return displayWindow;
  }

  public Compression compression() {
    return compression;
  }

  public LineOrder lineOrder() {
    return lineOrder;
  }

  /** Bytes of an uncompressed row of all channels. */
  public long rowBytes() {
    long pixel = 0;
    for (ExrChannel channel : channels) {
      pixel += channel.type().bytes();
    }
    return pixel * dataWindow.width();
  }

  /** Blocks that the rows are stored in. */
  int blockCount() {
    return Math.ceilDiv(dataWindow.height(), compression.rowsPerBlock());
  }

  /** Rows of a block; the last one may have fewer. */
  int rowsOf(int block) {
    int first = block * compression.rowsPerBlock();
    return Math.min(compression.rowsPerBlock(), dataWindow.height() - first);
  }

  /** Puts the attribute in the place of the one of that name, or at the end. */
  public ExrHeader with(ExrAttribute attribute) {
    Map<String, ExrAttribute> changed = new LinkedHashMap<>(attributes);
    changed.put(attribute.name(), attribute);
    return new ExrHeader(changed.values());
  }

  public ExrHeader without(String attribute) {
    Map<String, ExrAttribute> changed = new LinkedHashMap<>(attributes);
    changed.remove(attribute);
    return new ExrHeader(changed.values());
  }

  /** Sets data and display window. */
  public ExrHeader withWindow(ExrWindow window) {
    return with(new ExrAttribute(DATA_WINDOW, "box2i", windowBytes(window)))
        .with(new ExrAttribute(DISPLAY_WINDOW, "box2i", windowBytes(window)));
  }

  public ExrHeader withCompression(Compression changed) {
    return with(new ExrAttribute(COMPRESSION, "compression", new byte[] {(byte) changed.code()}));
  }

  public ExrHeader withLineOrder(LineOrder changed) {
    return with(new ExrAttribute(LINE_ORDER, "lineOrder", new byte[] {(byte) changed.code()}));
  }

  /** Sets the channels; they are put into the order of their names, as the format demands. */
  public ExrHeader withChannels(Collection<ExrChannel> changed) {
    return with(new ExrAttribute(CHANNELS, "chlist", channelBytes(changed)));
  }

  /** Magic number, version and attributes, as they begin a file. */
  byte[] toBytes() {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    boolean longNames =
        attributes.values().stream().anyMatch(a -> isLong(a.name()) || isLong(a.type()))
            || channels.stream().anyMatch(c -> isLong(c.name()));
    out.writeBytes(ints(MAGIC, longNames ? VERSION | LONG_NAMES : VERSION));
    for (ExrAttribute attribute : attributes.values()) {
      byte[] value = attribute.value();
      writeName(out, attribute.name());
      writeName(out, attribute.type());
      out.writeBytes(ints(value.length));
      out.writeBytes(value);
    }
    out.write(0);
    return out.toByteArray();
  }

  private static boolean isLong(String name) {
    return name.getBytes(UTF_8).length > SHORT_NAME;
  }

  private ByteBuffer required(String name, String type, int size) {
    @Nullable ExrAttribute attribute = attributes.get(name);
    if (attribute == null) {
      throw new IllegalArgumentException("the attribute '" + name + "' is missing");
    }
    byte[] value = attribute.value();
    boolean rightSize = type.equals("chlist") ? value.length >= size : value.length == size;
    if (!attribute.type().equals(type) || !rightSize) {
      throw new IllegalArgumentException(
          "the attribute '%s' is a %s of %d bytes instead of a %s"
              .formatted(name, attribute.type(), value.length, type));
    }
    return ByteBuffer.wrap(value).order(ByteOrder.LITTLE_ENDIAN);
  }

  private static List<ExrChannel> parseChannels(ByteBuffer in) {
    List<ExrChannel> channels = new ArrayList<>();
    Set<String> names = new HashSet<>();
    while (true) {
      String name = readName(in);
      if (name.isEmpty()) {
        break;
      }
      if (in.remaining() < 16) {
        throw new IllegalArgumentException("the list of channels ends early");
      }
      PixelType type = PixelType.ofCode(in.getInt());
      boolean linear = in.get() != 0;
      in.position(in.position() + 3);
      int xSampling = in.getInt();
      int ySampling = in.getInt();
      if (xSampling != 1 || ySampling != 1) {
        throw new IllegalArgumentException(
            "the channel '"
                + name
                + "' is sub-sampled, which is not read here; save it at full resolution");
      }
      if (!names.add(name)) {
        throw new IllegalArgumentException("two channels named '" + name + "'");
      }
      channels.add(new ExrChannel(name, type, linear));
      if (channels.size() > CHANNEL_LIMIT) {
        throw new IllegalArgumentException("more than " + CHANNEL_LIMIT + " channels");
      }
    }
    if (channels.isEmpty()) {
      throw new IllegalArgumentException("the file has no channels");
    }
    return List.copyOf(channels);
  }

  /**
   * A text that ends with a zero byte.
   *
   * @return without that byte
   */
  static String readName(ByteBuffer in) {
    int start = in.position();
    while (in.hasRemaining()) {
      if (in.get() == 0) {
        int length = in.position() - 1 - start;
        byte[] name = new byte[length];
        in.get(start, name);
        return new String(name, UTF_8);
      }
      if (in.position() - start > 255) {
        throw new IllegalArgumentException("a name of more than 255 bytes");
      }
    }
    throw new IllegalArgumentException("a name without an end");
  }

  private static void writeName(ByteArrayOutputStream out, String name) {
    out.writeBytes(name.getBytes(UTF_8));
    out.write(0);
  }

  private static byte[] channelBytes(Collection<ExrChannel> channels) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    channels.stream()
        .sorted(Comparator.comparing(ExrChannel::name))
        .forEach(channel -> {
          writeName(out, channel.name());
          out.writeBytes(ints(channel.type().code(), channel.linear() ? 1 : 0, 1, 1));
        });
    out.write(0);
    return out.toByteArray();
  }

  private static ExrWindow parseWindow(ByteBuffer in) {
    return new ExrWindow(in.getInt(), in.getInt(), in.getInt(), in.getInt());
  }

  private static byte[] windowBytes(ExrWindow window) {
    return ints(window.xMin(), window.yMin(), window.xMax(), window.yMax());
  }

  private static byte[] ints(int... values) {
    ByteBuffer bytes = ByteBuffer.allocate(values.length * 4).order(ByteOrder.LITTLE_ENDIAN);
    bytes.asIntBuffer().put(values);
    return bytes.array();
  }

  private static byte[] floatBytes(float... values) {
    ByteBuffer bytes = ByteBuffer.allocate(values.length * 4).order(ByteOrder.LITTLE_ENDIAN);
    bytes.asFloatBuffer().put(values);
    return bytes.array();
  }
}
