package io.blendnet.protocol;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The path rules of API v1. A path of a task's file is either absolute on the submitting machine
 * ({@code /home/me/a.png}, {@code C:/me/a.png}), or begins with {@code //} and is relative to the
 * project's folder, or is relative to the submitter's working folder. It has {@code /} for its
 * separator, whatever the submitting machine uses, and never a part {@code ..}. Nothing here asks a
 * file system, so that a Windows path means the same on any server.
 */
public final class WirePaths {
  /** Longest path in bytes of UTF-8: what Linux takes. */
  public static final int LENGTH_LIMIT = 4_096;

  /** Longest part of a path in bytes of UTF-8: what file systems take. */
  public static final int PART_LIMIT = 255;

  private static final Pattern DRIVE = Pattern.compile("[A-Za-z]:(/.*)?", Pattern.DOTALL);
  private static final String UNRESERVED = "-._~";

  private WirePaths() {}

  /**
   * Normalises a path: back-slashes become {@code /}, empty parts and {@code .} go.
   *
   * @param field what a refusal calls it
   * @throws InvalidFieldException the path is empty, too long, leads upwards or holds control
   *     characters
   */
  public static String normalise(String field, String path) {
    // A share of a Windows network; two slashes would make it relative to the project.
    boolean share = path.startsWith("\\\\");
    String slashed = path.replace('\\', '/');
    String prefix =
        share ? "/" : slashed.startsWith("//") ? "//" : slashed.startsWith("/") ? "/" : "";
    List<String> parts = new ArrayList<>();
    for (String part : slashed.split("/", -1)) {
      if (part.isEmpty() || part.equals(".")) {
        continue;
      }
      checkPart(field, part, path);
      parts.add(part);
    }
    String normal = prefix + String.join("/", parts);
    if (parts.isEmpty()) {
      throw new InvalidFieldException(field, "'%s' names no file: '%s'".formatted(field, path));
    }
    if (normal.getBytes(StandardCharsets.UTF_8).length > LENGTH_LIMIT) {
      throw new InvalidFieldException(
          field, "'%s' is longer than %d bytes".formatted(field, LENGTH_LIMIT));
    }
    return normal;
  }

  /**
   * The path of a task's file as it stands in a request, behind {@code file/}: percent-decoded
   * once, then normalised.
   *
   * @throws InvalidFieldException it is no such path
   */
  public static String decodeFile(String encoded) {
    return normalise("path", percentDecode("path", encoded));
  }

  /** The reverse of {@link #decodeFile}: every byte that is not plain is percent-encoded. */
  public static String encodeFile(String path) {
    return encode(path, true);
  }

  /** One part of a request's path, such as a task's name. */
  public static String encodePart(String part) {
    return encode(part, false);
  }

  /** Whether a normalised path is absolute on the submitting machine. */
  public static boolean isAbsolute(String path) {
    return (path.startsWith("/") && !path.startsWith("//")) || DRIVE.matcher(path).matches();
  }

  /**
   * Where a file lies on the submitting machine, as far as the configuration tells: absolute where
   * the folder that it is relative to is known, else as it came.
   */
  public static String onSubmitter(String path, TaskConfig config) {
    String normal = normalise("path", path);
    if (isAbsolute(normal)) {
      return normal;
    }
    boolean ofProject = normal.startsWith("//");
    String relative = ofProject ? normal.substring(2) : normal;
    Optional<String> folder = ofProject ? config.projectPath() : config.cwdPath();
    return folder.map(base -> normalise("path", base + "/" + relative)).orElse(normal);
  }

  /**
   * Where a file lies in an agent's workspace: {@code project/...} under the project's folder,
   * {@code ext_deps/...} elsewhere. A relative path whose folder nobody knows counts as the
   * project's.
   *
   * @param path as {@link #onSubmitter} gives it
   */
  public static String inWorkspace(String path, TaskConfig config) {
    if (!isAbsolute(path)) {
      return "project/" + (path.startsWith("//") ? path.substring(2) : path);
    }
    Optional<String> inside =
        config.projectPath().flatMap(folder -> relativeTo(normalise("project_path", folder), path));
    return inside
        .map(relative -> "project/" + relative)
        .orElseGet(() -> normalise("path", "ext_deps/" + path.replace(':', '_')));
  }

  /**
   * Where the .blend lies on the submitting machine: {@code project} is relative to {@code
   * project_path}, unlike other files.
   */
  public static Optional<String> projectFile(TaskConfig config) {
    return config
        .project()
        .map(project -> {
          String normal = normalise("project", project);
          if (isAbsolute(normal)) {
            return normal;
          }
          String relative = normal.startsWith("//") ? normal.substring(2) : normal;
          return onSubmitter("//" + relative, config);
        });
  }

  static void check(String field, String path) {
    var _ = normalise(field, path);
  }

  static void checkFolder(String field, String path) {
    if (path.equals("/") || path.equals("\\")) {
      return;
    }
    String normal = normalise(field, path);
    if (!isAbsolute(normal)) {
      throw new InvalidFieldException(
          field, "'%s' must be an absolute path, not '%s'".formatted(field, path));
    }
  }

  private static Optional<String> relativeTo(String folder, String path) {
    String prefix = folder + "/";
    if (path.length() <= prefix.length()) {
      return Optional.empty();
    }
    String begin = path.substring(0, prefix.length());
    // Windows spells one folder in several cases.
    boolean same =
        DRIVE.matcher(folder).matches()
            ? begin.toLowerCase(Locale.ROOT).equals(prefix.toLowerCase(Locale.ROOT))
            : begin.equals(prefix);
    return same ? Optional.of(path.substring(prefix.length())) : Optional.empty();
  }

  private static void checkPart(String field, String part, String path) {
    if (part.equals("..")) {
      throw new InvalidFieldException(
          field, "'%s' must not lead upwards with '..': '%s'".formatted(field, path));
    }
    if (part.chars().anyMatch(character -> character < 0x20 || character == 0x7f)) {
      throw new InvalidFieldException(
          field, "'%s' must not hold control characters".formatted(field));
    }
    if (part.getBytes(StandardCharsets.UTF_8).length > PART_LIMIT) {
      throw new InvalidFieldException(
          field, "'%s' has a part longer than %d bytes".formatted(field, PART_LIMIT));
    }
  }

  /**
   * Decodes once.
   *
   * @throws InvalidFieldException a percent sign without two hex digits, or bytes that are no UTF-8
   */
  public static String percentDecode(String field, String encoded) {
    byte[] raw = encoded.getBytes(StandardCharsets.UTF_8);
    var bytes = ByteBuffer.allocate(raw.length);
    for (int i = 0; i < raw.length; i++) {
      if (raw[i] != '%') {
        bytes.put(raw[i]);
        continue;
      }
      int high = i + 2 < raw.length ? Character.digit(raw[i + 1], 16) : -1;
      int low = i + 2 < raw.length ? Character.digit(raw[i + 2], 16) : -1;
      if (high < 0 || low < 0) {
        throw new InvalidFieldException(
            field, "'%s' is not percent-encoded: a '%%' without two hex digits".formatted(field));
      }
      bytes.put((byte) (high * 16 + low));
      i += 2;
    }
    try {
      CharBuffer text =
          StandardCharsets.UTF_8
              .newDecoder()
              .onMalformedInput(CodingErrorAction.REPORT)
              .decode(bytes.flip());
      return text.toString();
    } catch (CharacterCodingException e) {
      throw new InvalidFieldException(field, "'%s' is no UTF-8".formatted(field));
    }
  }

  private static String encode(String text, boolean keepSlashes) {
    var encoded = new StringBuilder();
    for (byte octet : text.getBytes(StandardCharsets.UTF_8)) {
      char character = (char) (octet & 0xff);
      boolean plain =
          (character >= 'a' && character <= 'z')
              || (character >= 'A' && character <= 'Z')
              || (character >= '0' && character <= '9')
              || UNRESERVED.indexOf(character) >= 0
              || (keepSlashes && character == '/');
      if (plain) {
        encoded.append(character);
      } else {
        encoded.append('%').append("%02X".formatted((int) character));
      }
    }
    return encoded.toString();
  }
}
