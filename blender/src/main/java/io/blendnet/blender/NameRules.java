package io.blendnet.blender;

import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/** Which names files may have. */
final class NameRules {
  private static final int LONGEST = 255;

  /** Names of devices in every folder of Windows, with any extension. */
  private static final Set<String> DEVICES =
      Set.of(
          "con", "prn", "aux", "nul", "com1", "com2", "com3", "com4", "com5", "com6", "com7",
          "com8", "com9", "lpt1", "lpt2", "lpt3", "lpt4", "lpt5", "lpt6", "lpt7", "lpt8", "lpt9");

  private NameRules() {}

  static Optional<String> posixObstacle(String name) {
    if (isReserved(name)) {
      return Optional.of("'" + name + "' is not the name of a file.");
    }
    if (name.indexOf('/') >= 0 || name.indexOf('\0') >= 0) {
      return Optional.of("'" + name + "' has a character that a file's name cannot have.");
    }
    int bytes = name.getBytes(StandardCharsets.UTF_8).length;
    if (bytes > LONGEST) {
      return Optional.of(
          "'%s' has %d bytes; a file's name has %d at most.".formatted(name, bytes, LONGEST));
    }
    return Optional.empty();
  }

  static Optional<String> windowsObstacle(String name) {
    if (isReserved(name)) {
      return Optional.of("'" + name + "' is not the name of a file.");
    }
    if (name.chars().anyMatch(c -> c < 0x20 || "<>:\"/\\|?*".indexOf(c) >= 0)) {
      return Optional.of(
          "'" + name + "' has a character that a file's name cannot have on Windows.");
    }
    if (name.endsWith(".") || name.endsWith(" ")) {
      return Optional.of("'" + name + "': Windows drops dots and spaces at the end of a name.");
    }
    String stem = name.split("\\.", -1)[0].strip().toLowerCase(Locale.ROOT);
    if (DEVICES.contains(stem)) {
      return Optional.of("'" + name + "' is the name of a device on Windows.");
    }
    if (name.length() > LONGEST) {
      return Optional.of(
          "'%s' has %d characters; a file's name has %d at most."
              .formatted(name, name.length(), LONGEST));
    }
    return Optional.empty();
  }

  private static boolean isReserved(String name) {
    return name.isEmpty() || name.equals(".") || name.equals("..");
  }
}
