package io.blendnet.cli;

import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * A key of a configuration file, for reading it and for explaining it.
 *
 * @param name in kebab-case; the published protocol's files write the same with underscores
 * @param standard what holds without it, in words
 * @param meaning one line for the user
 */
record SettingKey(String name, String standard, String meaning) {

  /** The known key that the user most likely meant. */
  static Optional<SettingKey> nearest(String name, List<SettingKey> known) {
    return known.stream()
        .min(Comparator.comparingInt(key -> distance(name, key.name())))
        .filter(key -> distance(name, key.name()) <= Math.max(2, name.length() / 3));
  }

  /** A table of keys, as help shows it. */
  static List<String> table(List<SettingKey> keys) {
    int width = keys.stream().mapToInt(key -> key.name().length()).max().orElse(0);
    return keys.stream()
        .map(key ->
            ("  %-" + width + "s  %s (%s)").formatted(key.name(), key.meaning(), key.standard()))
        .toList();
  }

  /** Levenshtein's: how many letters to add, remove or change. */
  private static int distance(String one, String other) {
    int[] above = new int[other.length() + 1];
    for (int j = 0; j < above.length; j++) {
      above[j] = j;
    }
    for (int i = 1; i <= one.length(); i++) {
      int[] row = new int[above.length];
      row[0] = i;
      for (int j = 1; j < row.length; j++) {
        int change = above[j - 1] + (one.charAt(i - 1) == other.charAt(j - 1) ? 0 : 1);
        row[j] = Math.min(change, Math.min(above[j], row[j - 1]) + 1);
      }
      above = row;
    }
    return above[other.length()];
  }
}
