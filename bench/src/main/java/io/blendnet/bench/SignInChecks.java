package io.blendnet.bench;

import static io.blendnet.bench.SecurityCheck.holds;
import static io.blendnet.bench.SecurityCheck.unless;

import io.blendnet.bench.SecurityTarget.Answer;
import io.blendnet.security.Credentials;
import io.blendnet.security.PasswordCheck;
import io.blendnet.security.Secret;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

/** Who gets in, and how fast others can try. */
final class SignInChecks {
  private static final String GROUP = "Sign-in";
  private static final int GUESSERS = 32;
  private static final Duration GUESSING = Duration.ofSeconds(6);

  /** What the brake lets through from one address, and some for those that came before it. */
  private static final int MOST_A_SECOND = 64;

  private static final int ROUNDS = 40;
  private static final int CALLS = 2_000;

  private SignInChecks() {}

  static List<SecurityCheck> all() {
    List<SecurityCheck> checks = new ArrayList<>();
    checks.add(
        new SecurityCheck(
            GROUP,
            "without a password no path tells anything, not even which paths there are",
            target -> {
              for (String path :
                  List.of("info", "status", "log", "task", "openapi.json", "resources", "x", "")) {
                Answer answer = bare(target, path, "");
                if (answer.status() != 401 || answer.text().contains("endpoints")) {
                  return Optional.of(path + ": " + answer);
                }
              }
              return holds();
            }));
    checks.add(
        new SecurityCheck(
            GROUP,
            "refused: nearly right passwords and users, other schemes, nonsense",
            target -> {
              String right = target.password();
              for (String header :
                  List.of(
                      SecurityTarget.authorization(target.user(), right + "x"),
                      SecurityTarget.authorization(target.user(), right + "\u0000"),
                      SecurityTarget.authorization(target.user(), right.toUpperCase(Locale.ROOT)),
                      SecurityTarget.authorization(target.user(), ""),
                      SecurityTarget.authorization("", right),
                      SecurityTarget.authorization(target.user() + "x", right),
                      SecurityTarget.authorization(target.user(), "a".repeat(20_000)),
                      "Authorization: Basic !\r\n",
                      "Authorization: Bearer " + right + "\r\n",
                      "Authorization: Digest username=\"" + target.user() + "\"\r\n",
                      "Cookie: password=" + right + "\r\n")) {
                Answer answer = bare(target, "info", header);
                if (answer.status() != 401) {
                  return Optional.of(header.substring(0, Math.min(40, header.length())) + answer);
                }
              }
              return holds();
            }));
    checks.add(
        new SecurityCheck(
            GROUP,
            "the right password gets in from the address from which 32 others guess",
            target -> guessing(target, true)));
    checks.add(
        new SecurityCheck(
            GROUP,
            "not more than 64 guesses a second are looked at from there",
            target -> guessing(target, false)));
    return checks;
  }

  private static Answer bare(SecurityTarget target, String path, String headers)
      throws IOException {
    return target.send(
        "GET /api/v1/"
            + path
            + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
            + headers
            + "\r\n");
  }

  /** Guesses at full speed for some seconds, and meanwhile signs in. */
  private static Optional<String> guessing(SecurityTarget target, boolean owner) throws Exception {
    var guesses = new AtomicInteger();
    var looked = new AtomicInteger();
    var goOn = new AtomicBoolean(true);
    long begin = System.nanoTime();
    List<Future<?>> guessers = new ArrayList<>();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int i = 0; i < GUESSERS; i++) {
        guessers.add(
            threads.submit(() -> {
              while (goOn.get()) {
                String guess =
                    SecurityTarget.authorization(
                        target.user(), "guess " + guesses.incrementAndGet());
                if (bare(target, "info", guess).status() == 401) {
                  looked.incrementAndGet();
                }
              }
              return goOn;
            }));
      }
      Optional<String> wrong = holds();
      try {
        while (System.nanoTime() - begin < GUESSING.toNanos() && wrong.isEmpty()) {
          if (owner) {
            Answer answer = target.get("status");
            wrong = unless(answer.status() == 200, "the owner got " + answer);
          } else {
            Thread.sleep(50);
          }
        }
      } finally {
        goOn.set(false);
      }
      for (Future<?> guesser : guessers) {
        guesser.get();
      }
      double seconds = (System.nanoTime() - begin) / 1e9;
      // Some are free until the brake takes hold.
      double most = MOST_A_SECOND * seconds + GUESSERS;
      return wrong.or(
          () -> unless(looked.get() <= most, looked.get() + " guesses in " + seconds + " s"));
    }
  }

  /** How long passwords of four kinds take to check, in a sentence. */
  static String timing() {
    String right = "correct-horse-battery-staple";
    var check = new PasswordCheck(new Credentials("owner", Secret.of(right)));
    List<String[]> kinds =
        List.of(
            new String[] {"first letter wrong", "owner", "x" + right.substring(1)},
            new String[] {
              "last letter wrong", "owner", right.substring(0, right.length() - 1) + "x"
            },
            new String[] {"user wrong", "ownex", right},
            new String[] {"right", "owner", right});
    double[][] nanos = new double[kinds.size()][ROUNDS];
    for (int round = -5; round < ROUNDS; round++) {
      for (int kind = 0; kind < kinds.size(); kind++) {
        long begin = System.nanoTime();
        int accepted = 0;
        for (int call = 0; call < CALLS; call++) {
          accepted += check.accepts(kinds.get(kind)[1], kinds.get(kind)[2]) ? 1 : 0;
        }
        long end = System.nanoTime();
        if (accepted != (kind == 3 ? CALLS : 0)) {
          throw new IllegalStateException("The check itself is wrong");
        }
        if (round >= 0) {
          nanos[kind][round] = (end - begin) / (double) CALLS;
        }
      }
    }
    var sentence = new StringBuilder("A password is checked in ");
    for (int kind = 0; kind < kinds.size(); kind++) {
      double mean = mean(nanos[kind]);
      sentence.append(
          "%s%.0f +- %.0f ns (%s)"
              .formatted(
                  kind == 0 ? "" : ", ", mean, error(nanos[kind], mean), kinds.get(kind)[0]));
    }
    return sentence.toString();
  }

  private static double mean(double[] values) {
    double sum = 0;
    for (double value : values) {
      sum += value;
    }
    return sum / values.length;
  }

  /** Two standard errors of the mean. */
  private static double error(double[] values, double mean) {
    double squares = 0;
    for (double value : values) {
      squares += (value - mean) * (value - mean);
    }
    return 2 * Math.sqrt(squares / (values.length - 1) / values.length);
  }
}
