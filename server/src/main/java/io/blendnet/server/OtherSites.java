package io.blendnet.server;

import io.blendnet.protocol.ErrorCode;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * Refuses what a browser sends because a page of another site told it to: the browser would add the
 * password that the user once typed for this server.
 */
final class OtherSites {
  private static final Set<String> OWN = Set.of("same-origin", "none");

  private OtherSites() {}

  /**
   * Checks the headers that browsers add and pages cannot change. Programs send neither.
   *
   * @param authority this server's host and port as the client addressed it
   */
  static void refuse(Optional<String> fetchSite, Optional<String> origin, String authority) {
    boolean otherSite = fetchSite.isPresent() && !OWN.contains(fetchSite.get());
    boolean otherOrigin =
        origin.isPresent()
            && !origin
                .get()
                .toLowerCase(Locale.ROOT)
                .equals("https://" + authority.toLowerCase(Locale.ROOT));
    if (otherSite || otherOrigin) {
      throw new ApiException(
          ErrorCode.CROSS_SITE, "A page of another site may not change anything here");
    }
  }
}
