package io.blendnet.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Who waits how long, in a time that the test makes. */
class GuessBrakeTest {
  private static final ClientNetwork OWNER = network("192.0.2.1");
  private static final ClientNetwork GUESSER = network("198.51.100.7");

  private final AtomicLong now = new AtomicLong(Long.MAX_VALUE - 1_000_000_000L);
  private final List<Duration> pauses = new ArrayList<>();
  private final AtomicInteger guesses = new AtomicInteger();
  private final GuessBrake brake = new GuessBrake(now::get, pauses::add);

  private static ClientNetwork network(String address) {
    return ClientNetwork.of(InetAddress.ofLiteral(address));
  }

  private void guess(ClientNetwork network, int times) {
    for (int i = 0; i < times; i++) {
      brake.wrong(network, "guess " + guesses.incrementAndGet());
    }
  }

  private Duration waitOf(ClientNetwork network) throws InterruptedException {
    pauses.clear();
    brake.await(network);
    return pauses.isEmpty() ? Duration.ZERO : pauses.getFirst();
  }

  private void pass(Duration time) {
    // Over the end of the numbers, as System.nanoTime may.
    now.addAndGet(time.toNanos());
  }

  @Test
  void slipsOfTheHandCostNothing() throws Exception {
    guess(OWNER, GuessBrake.FREE - 1);

    assertThat(waitOf(OWNER)).isZero();
  }

  @Test
  void whoeverGuessesOnWaitsLongerAndLongerUpToTheLongest() throws Exception {
    Duration before = Duration.ZERO;
    guess(GUESSER, GuessBrake.FREE - 1);
    for (int i = 0; i < 5; i++) {
      guess(GUESSER, 1);
      Duration wait = waitOf(GUESSER);
      assertThat(wait).isGreaterThan(before);
      before = wait;
    }
    guess(GUESSER, 1_000);

    assertThat(waitOf(GUESSER)).isEqualTo(GuessBrake.LONGEST);
  }

  @Test
  void theOwnerDoesNotWaitWhileSomebodyElseGuesses() throws Exception {
    guess(GUESSER, 10_000);

    assertThat(waitOf(OWNER)).isZero();
  }

  @Test
  void whoHasSignedInBeforeDoesNotWaitEvenWhileThousandsGuess() throws Exception {
    brake.right(OWNER);
    for (int i = 0; i < 5_000; i++) {
      guess(network("203.0." + i / 250 + "." + (i % 250 + 1)), 1);
    }

    assertThat(waitOf(OWNER)).isZero();
    assertThat(waitOf(network("192.0.2.99"))).isEqualTo(Duration.ofSeconds(1));
  }

  @Test
  void anOldPasswordThatIsSentAgainAndAgainIsNoGuess() throws Exception {
    for (int i = 0; i < 1_000; i++) {
      brake.wrong(OWNER, "the old one");
    }

    assertThat(waitOf(OWNER)).isZero();
  }

  @Test
  void aRightPasswordDoesNotGiveNewGuesses() throws Exception {
    guess(GUESSER, 50);
    brake.right(GUESSER);

    assertThat(waitOf(GUESSER)).isEqualTo(GuessBrake.LONGEST);
  }

  @Test
  void itIsForgottenInTime() throws Exception {
    guess(GUESSER, 1_000);
    pass(Duration.ofSeconds(80));

    assertThat(waitOf(GUESSER)).isZero();
  }

  @Test
  void aVersion6ClientCannotChangeItsAddressToGuessOn() throws Exception {
    for (int i = 0; i < 50; i++) {
      guess(network("2001:db8:1:2::" + Integer.toHexString(i + 1)), 1);
    }

    assertThat(waitOf(network("2001:db8:1:2:ffff::1"))).isEqualTo(GuessBrake.LONGEST);
    assertThat(waitOf(network("2001:db8:1:3::1"))).isZero();
    assertThat(network("2001:db8:1:2::7")).hasToString("2001:db8:1:2::/64");
    assertThat(OWNER).hasToString("192.0.2.1");
  }

  @Test
  @Timeout(60)
  void soManyWaitAndNoMoreAndANetworkOfWhichNoneWaitsHasItsPlace() throws Exception {
    var gate = new Semaphore(0);
    var entered = new CountDownLatch(GuessBrake.WAITING);
    var crowded =
        new GuessBrake(
            now::get,
            _ -> {
              entered.countDown();
              gate.acquire();
            });
    List<ClientNetwork> crowd = List.of(GUESSER, network("198.51.100.8"));
    ClientNetwork third = network("198.51.100.9");
    for (int i = 0; i < 15; i++) {
      for (ClientNetwork network : List.of(GUESSER, crowd.get(1), third)) {
        crowded.wrong(network, "crowd " + i);
      }
    }
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<?>> waiting = new ArrayList<>();
      for (ClientNetwork network : crowd) {
        for (int i = 0; i < GuessBrake.WAITING_OF_ONE; i++) {
          waiting.add(
              threads.submit(() -> {
                crowded.await(network);
                return network;
              }));
        }
      }
      entered.await();

      assertThatThrownBy(() -> crowded.await(GUESSER))
          .isInstanceOf(ApiException.class)
          .hasMessageContaining("try again");
      Future<?> ofThird =
          threads.submit(() -> {
            crowded.await(third);
            return third;
          });
      crowded.await(OWNER);
      gate.release(GuessBrake.WAITING + 1);
      ofThird.get();
      for (Future<?> one : waiting) {
        one.get();
      }
    }
    // All places are free again.
    gate.release();
    crowded.await(GUESSER);
  }
}
