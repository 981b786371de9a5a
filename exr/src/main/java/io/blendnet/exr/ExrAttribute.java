package io.blendnet.exr;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.Arrays;

/** An attribute of an EXR header: a name, a type and the value's bytes as they lie in the file. */
public final class ExrAttribute {
  private final String name;
  private final String type;
  private final byte[] value;

  /**
   * @param name 1 to 255 bytes of UTF-8
   * @param type such as {@code string} or {@code float}, 1 to 255 bytes
   */
  public ExrAttribute(String name, String type, byte[] value) {
    checkName(name);
    checkName(type);
    this.name = name;
    this.type = type;
    this.value = value.clone();
  }

  /** An attribute of the type {@code string}. */
  public static ExrAttribute string(String name, String value) {
    return new ExrAttribute(name, "string", value.getBytes(UTF_8));
  }

  public String name() {
    return name;
  }

  public String type() {
    return type;
  }

  /** A copy of the value's bytes. */
  public byte[] value() {
    return value.clone();
  }

  /** The value as text, which is what it is where the type is {@code string}. */
  public String text() {
    return new String(value, UTF_8);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof ExrAttribute that
        && name.equals(that.name)
        && type.equals(that.type)
        && Arrays.equals(value, that.value);
  }

  @Override
  public int hashCode() {
    return 31 * name.hashCode() + Arrays.hashCode(value);
  }

  @Override
  public String toString() {
    return "%s (%s, %d bytes)".formatted(name, type, value.length);
  }

  static void checkName(String name) {
    int length = name.getBytes(UTF_8).length;
    if (length < 1 || length > 255 || name.indexOf('\0') >= 0) {
      throw new IllegalArgumentException(
          "a name is 1 to 255 bytes long, without zero bytes: '" + name + "'");
    }
  }
}
