package io.blendnet.security;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

class CredentialsTest {
  private static final Credentials OWNER = new Credentials("owner", Secret.of("correct horse"));

  private final PasswordCheck check = new PasswordCheck(OWNER);

  @Test
  void theRightUserWithTheRightPasswordIsAccepted() {
    assertThat(check.accepts("owner", "correct horse")).isTrue();
  }

  @Test
  void anythingElseIsRefused() {
    assertThat(check.accepts("owner", "correct horse ")).isFalse();
    assertThat(check.accepts("owner", "Correct horse")).isFalse();
    assertThat(check.accepts("owner", "")).isFalse();
    assertThat(check.accepts("Owner", "correct horse")).isFalse();
    assertThat(check.accepts("", "correct horse")).isFalse();
    assertThat(check.accepts("", "")).isFalse();
    assertThat(check.accepts("ownercorrect", " horse")).isFalse();
    assertThat(check.accepts("owner", "correct horse".repeat(10_000))).isFalse();
  }

  @Test
  void aPasswordOutsideAsciiIsComparedByItsCharacters() {
    PasswordCheck umlauts = new PasswordCheck(new Credentials("ü", Secret.of("pässwörd")));
    assertThat(umlauts.accepts("ü", "pässwörd")).isTrue();
    assertThat(umlauts.accepts("ü", "p?ssw?rd")).isFalse();
  }

  @Test
  void thePasswordShowsInNoText() {
    assertThat(OWNER.toString()).contains("owner").doesNotContain("horse");
    assertThat(String.valueOf(OWNER.password())).isEqualTo("(hidden)");
  }

  @Test
  void equalSecretsAreEqual() {
    assertThat(Secret.of("a")).isEqualTo(Secret.of("a")).hasSameHashCodeAs(Secret.of("a"));
    assertThat(Secret.of("a")).isNotEqualTo(Secret.of("b"));
  }

  @Test
  void generatedPasswordsAreLongPlainAndNeverTheSame() {
    Set<String> seen = new HashSet<>();
    Set<Integer> characters = new HashSet<>();
    for (int i = 0; i < 1_000; i++) {
      String password = PasswordGenerator.generate().reveal();
      assertThat(password).matches("[A-Za-z0-9]{24}");
      assertThat(seen.add(password)).isTrue();
      password.chars().forEach(characters::add);
    }
    assertThat(characters).as("every character of the alphabet occurs").hasSize(62);
    assertThat(24 * Math.log(62) / Math.log(2)).as("bits").isGreaterThan(128);
  }

  @Test
  void whatBasicAuthenticationCannotCarryIsRefused() {
    Secret password = Secret.of("x");
    assertThatIllegalArgumentException().isThrownBy(() -> new Credentials("", password));
    assertThatIllegalArgumentException().isThrownBy(() -> new Credentials("a:b", password));
    assertThatIllegalArgumentException().isThrownBy(() -> new Credentials("a\n", password));
    assertThatIllegalArgumentException().isThrownBy(() -> Secret.of(""));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Secret.of("secret\r\n"))
        .withMessageNotContaining("secret");
  }
}
