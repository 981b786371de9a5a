package io.blendnet.cli;

/**
 * A configuration file that cannot be used; the message names the file, the key and the way out.
 */
final class SettingsException extends Exception {
  private static final long serialVersionUID = 1L;

  SettingsException(String message) {
    super(message);
  }

  @Override
  public String getMessage() {
    return String.valueOf(super.getMessage());
  }
}
