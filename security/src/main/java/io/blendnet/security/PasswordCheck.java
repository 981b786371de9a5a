package io.blendnet.security;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.HexFormat;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Checks what somebody presents against the credentials that open the door. Both parts are always
 * checked, as digests under a key that lives as long as this object: the time says nothing about
 * which part was wrong, where it was wrong, or how long the right one is. Thread-safe.
 */
public final class PasswordCheck {
  private static final String ALGORITHM = "HmacSHA256";

  private final SecretKeySpec key;
  private final byte[] user;
  private final byte[] password;

  public PasswordCheck(Credentials expected) {
    byte[] random = new byte[32];
    new SecureRandom().nextBytes(random);
    key = new SecretKeySpec(random, ALGORITHM);
    user = digest(expected.user());
    password = digest(expected.password().reveal());
  }

  /** Whether both are right. Any text may be presented, also an empty one. */
  public boolean accepts(String presentedUser, String presentedPassword) {
    boolean userFits = MessageDigest.isEqual(user, digest(presentedUser));
    boolean passwordFits = MessageDigest.isEqual(password, digest(presentedPassword));
    return userFits && passwordFits;
  }

  /**
   * Tells what somebody presents from other things that are presented, as long as this object
   * lives, and says nothing about them.
   */
  public String fingerprint(String presentedUser, String presentedPassword) {
    // A user's name has no colon; whoever presents one is wrong in any case.
    byte[] digest = digest(presentedUser + ":" + presentedPassword);
    return HexFormat.of().formatHex(digest, 0, 8);
  }

  private byte[] digest(String text) {
    try {
      Mac mac = Mac.getInstance(ALGORITHM);
      mac.init(key);
      return mac.doFinal(text.getBytes(StandardCharsets.UTF_8));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("Every Java runtime has " + ALGORITHM, e);
    }
  }
}
