package io.blendnet.cli;

import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The keys and values of a server's configuration, as they stand in a file.
 *
 * <p>Our own form has lines {@code key = value}; lines that begin with {@code #} and empty ones say
 * nothing. A key that nobody knows is refused, because a slip of the hand would otherwise leave a
 * default standing. The published protocol's {@code manager.json} and {@code agent.json} are one
 * JSON object whose keys have underscores; other programs write them, so what we don't know there
 * is only {@linkplain #remarks remarked}.
 */
final class SettingsFile {
  private final String source;
  private final Path folder;
  private final Map<String, Value> values;
  private final List<String> remarks;

  /** What is written for a key. */
  private sealed interface Value {
    record Text(String text) implements Value {}

    /** A list in JSON. */
    record Words(List<String> words) implements Value {}

    /** An option on the command line, which has the key's name. */
    record Option(String text) implements Value {}
  }

  private SettingsFile(
      String source, Path folder, Map<String, Value> values, List<String> remarks) {
    this.source = source;
    this.folder = folder;
    this.values = Map.copyOf(values);
    this.remarks = List.copyOf(remarks);
  }

  /** No file: every key has its default. Relative paths start at the folder. */
  static SettingsFile none(Path folder) {
    return new SettingsFile("the command line", folder, Map.of(), List.of());
  }

  /**
   * The same where options on the command line stand before what the file says.
   *
   * @param options texts of those that are given
   */
  SettingsFile under(Map<SettingKey, String> options) {
    Map<String, Value> all = new LinkedHashMap<>(values);
    options.forEach((key, text) -> all.put(key.name(), new Value.Option(text)));
    return new SettingsFile(source, folder, all, remarks);
  }

  /**
   * Reads a file; one that ends in {@code .json} in the published form.
   *
   * @param known every key of this server
   * @param ignored keys of the published form that have no effect here, in our spelling
   */
  static SettingsFile read(Path file, List<SettingKey> known, List<String> ignored)
      throws SettingsException {
    String text;
    try {
      text = Files.readString(file);
    } catch (NoSuchFileException e) {
      throw new SettingsException("There is no configuration file " + file);
    } catch (CharacterCodingException e) {
      throw new SettingsException("The configuration file " + file + " is not a text in UTF-8");
    } catch (IOException e) {
      throw new SettingsException("Cannot read the configuration file " + file + ": " + e);
    }
    Path folder = file.toAbsolutePath().normalize().getParent();
    boolean published = file.toString().endsWith(".json");
    var remarks = new ArrayList<String>();
    Map<String, Value> values = published ? parseJson(file, text) : parseLines(file, text);
    var kept = new LinkedHashMap<String, Value>();
    for (var entry : values.entrySet()) {
      String key = entry.getKey();
      if (known.stream().anyMatch(one -> one.name().equals(key))) {
        kept.put(key, entry.getValue());
      } else if (published && ignored.contains(key)) {
        remarks.add("%s: '%s' has no effect here".formatted(file, key.replace('-', '_')));
      } else if (published) {
        remarks.add(
            "%s: '%s' is not known here and has no effect%s"
                .formatted(file, key.replace('-', '_'), suggestion(key, known).orElse("")));
      } else {
        throw new SettingsException(
            "%s: unknown key '%s'%s"
                .formatted(
                    file,
                    key,
                    suggestion(key, known)
                        .orElse(
                            "; the known ones are "
                                + known.stream()
                                    .map(SettingKey::name)
                                    .collect(Collectors.joining(", ")))));
      }
    }
    return new SettingsFile(file.toString(), folder == null ? Path.of("") : folder, kept, remarks);
  }

  private static Optional<String> suggestion(String key, List<SettingKey> known) {
    return SettingKey.nearest(key, known).map(near -> "; did you mean '" + near.name() + "'?");
  }

  private static Map<String, Value> parseLines(Path file, String text) throws SettingsException {
    var values = new LinkedHashMap<String, Value>();
    int number = 0;
    for (String line : text.lines().toList()) {
      number++;
      String stripped = line.strip();
      if (stripped.isEmpty() || stripped.startsWith("#")) {
        continue;
      }
      int equals = stripped.indexOf('=');
      if (equals < 1) {
        throw new SettingsException(
            "%s, line %d: '%s' is not of the form 'key = value'".formatted(file, number, stripped));
      }
      String key = stripped.substring(0, equals).strip();
      if (values.put(key, new Value.Text(stripped.substring(equals + 1).strip())) != null) {
        throw new SettingsException("%s, line %d: '%s' stands twice".formatted(file, number, key));
      }
    }
    return values;
  }

  private static Map<String, Value> parseJson(Path file, String text) throws SettingsException {
    JsonNode tree;
    try {
      tree = JsonMapper.shared().readTree(text);
    } catch (JacksonException e) {
      throw new SettingsException(
          "The configuration file %s is not JSON: %s".formatted(file, e.getOriginalMessage()));
    }
    if (!tree.isObject()) {
      throw new SettingsException("The configuration file " + file + " is not one JSON object");
    }
    var values = new LinkedHashMap<String, Value>();
    for (var property : tree.properties()) {
      JsonNode value = property.getValue();
      if (value.isObject() || value.valueStream().anyMatch(JsonNode::isContainer)) {
        throw new SettingsException(
            "%s: '%s' is an object or a list of such, and should be one value"
                .formatted(file, property.getKey()));
      }
      if (!value.isNull()) {
        values.put(property.getKey().replace('_', '-'), valueOf(value));
      }
    }
    return values;
  }

  private static Value valueOf(JsonNode value) {
    return value.isArray()
        ? new Value.Words(value.valueStream().map(JsonNode::asString).toList())
        : new Value.Text(value.asString());
  }

  /** What was left out of account, each a sentence for the user. */
  List<String> remarks() {
    return remarks;
  }

  Optional<String> text(SettingKey key) throws SettingsException {
    Optional<String> text =
        switch (values.get(key.name())) {
          case Value.Text(String written) -> Optional.of(written);
          case Value.Option(String given) -> Optional.of(given);
          case Value.Words _ -> throw wrong(key, "is a list, and should be one value");
          case null -> Optional.empty();
        };
    if (text.isPresent() && text.get().isEmpty()) {
      throw wrong(key, "is empty; leave it out for its default");
    }
    return text;
  }

  /** A time; zero is written as {@code 0}. */
  Optional<Duration> time(SettingKey key) throws SettingsException {
    Optional<String> text = text(key);
    if (text.isEmpty()) {
      return Optional.empty();
    }
    Optional<Duration> time = TimeSpan.parse(text.get());
    if (time.isEmpty()) {
      throw wrong(key, "is '%s', not %s".formatted(text.get(), TimeSpan.FORM));
    }
    return time;
  }

  /** A number of bytes. */
  Optional<Long> bytes(SettingKey key) throws SettingsException {
    Optional<String> text = text(key);
    if (text.isEmpty()) {
      return Optional.empty();
    }
    Optional<Long> bytes = ByteCount.parse(text.get());
    if (bytes.isEmpty()) {
      throw wrong(key, "is '%s', not %s".formatted(text.get(), ByteCount.FORM));
    }
    return bytes;
  }

  /** A command: a list in JSON, else words as {@link EndCommand#split} tells them apart. */
  EndCommand command(SettingKey key) throws SettingsException {
    List<String> words;
    if (values.get(key.name()) instanceof Value.Words list) {
      words = list.words();
    } else {
      Optional<String> text = text(key);
      if (text.isEmpty()) {
        return EndCommand.NONE;
      }
      Optional<List<String>> split = EndCommand.split(text.get());
      if (split.isEmpty()) {
        throw wrong(key, "has a quote that is not closed");
      }
      words = split.get();
    }
    EndCommand command = new EndCommand(words);
    Optional<String> obstacle = command.obstacle(System.getenv().getOrDefault("PATH", ""));
    if (obstacle.isPresent()) {
      throw wrong(key, obstacle.get());
    }
    return command;
  }

  Optional<Integer> integer(SettingKey key, int least, int most) throws SettingsException {
    Optional<String> value = text(key);
    if (value.isEmpty()) {
      return Optional.empty();
    }
    try {
      int number = Integer.parseInt(value.get());
      if (number >= least && number <= most) {
        return Optional.of(number);
      }
    } catch (NumberFormatException e) {
      // Said below, with the range.
    }
    throw wrong(key, "is '%s', not a number from %d to %d".formatted(value.get(), least, most));
  }

  /** A relative path starts at the file's folder. */
  Optional<Path> path(SettingKey key) throws SettingsException {
    return text(key).map(folder::resolve).map(Path::normalize);
  }

  /** Several values, separated by commas. */
  List<String> list(SettingKey key) throws SettingsException {
    return text(key).stream()
        .flatMap(value -> List.of(value.split(",", -1)).stream())
        .map(String::strip)
        .filter(value -> !value.isEmpty())
        .toList();
  }

  SettingsException wrong(SettingKey key, String what) {
    return values.get(key.name()) instanceof Value.Option
        ? new SettingsException("--%s %s".formatted(key.name(), what))
        : new SettingsException("%s: '%s' %s".formatted(source, key.name(), what));
  }
}
