package io.blendnet.exr;

/**
 * A channel of an EXR file; every channel has a value for each pixel of the data window.
 *
 * @param name such as {@code ViewLayer.Combined.R}; 1 to 255 bytes of UTF-8
 * @param type how its values are stored
 * @param linear the file's hint that the values are perceptually linear
 */
public record ExrChannel(String name, PixelType type, boolean linear) {
  public ExrChannel {
    ExrAttribute.checkName(name);
  }

  public ExrChannel(String name, PixelType type) {
    this(name, type, false);
  }
}
