package io.blendnet.protocol;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Who gives an agent its orders. It comes with every call of the work protocol, so that an agent
 * obeys one Manager alone.
 *
 * @param farm id of the farm, 1 to 100 of {@code A-Za-z0-9._-}; an agent serves one farm
 * @param epoch the Manager's start number, from 1; an agent refuses a lower one than it has seen
 * @param start made at random at each start of a Manager, 1 to 100 of {@code A-Za-z0-9._-}: tells
 *     two Managers of the same epoch apart, as when a data folder was copied
 */
public record ManagerIdentity(String farm, long epoch, String start) {
  /** The request header that carries {@link #header()}. */
  public static final String HEADER = "X-BlendNet-Manager";

  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9._-]{1,100}");
  private static final Pattern WRITTEN =
      Pattern.compile("(%1$s);([1-9][0-9]{0,17});(%1$s)".formatted(NAME.pattern()));

  public ManagerIdentity {
    if (!NAME.matcher(farm).matches() || !NAME.matcher(start).matches()) {
      throw new IllegalArgumentException(
          "A farm and a start are named by 1 to 100 of A-Za-z0-9._-, not '%s' and '%s'"
              .formatted(farm, start));
    }
    if (epoch < 1) {
      throw new IllegalArgumentException("Epochs begin at 1, not " + epoch);
    }
  }

  /** As the header says it: {@code farm;epoch;start}. */
  public String header() {
    return farm + ";" + epoch + ";" + start;
  }

  /** What a header says; absent where it is malformed. */
  public static Optional<ManagerIdentity> parse(String header) {
    Matcher matcher = WRITTEN.matcher(header);
    return matcher.matches()
        ? Optional.of(
            new ManagerIdentity(
                matcher.group(1), Long.parseLong(matcher.group(2)), matcher.group(3)))
        : Optional.empty();
  }
}
