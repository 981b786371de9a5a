package io.blendnet.domain;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.List;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/**
 * Whether the witness of the simulation sees what is wrong: errors are planted in the farm, or in
 * what the witness knows of it, and both of its checks must find them.
 */
class FarmWitnessTest {
  /**
   * A farm in the midst of its troubles, an agent of it that answers, and a lease of that agent.
   */
  private record Scene(FarmSimulation simulation, BookedAgent agent, BookedLease lease) {
    Farm farm() {
      return simulation.farm();
    }

    FarmWitness witness() {
      return simulation.witness();
    }

    BookedTask task() {
      return lease.task;
    }

    Cell cell() {
      return lease.waiting.lastEntry().getValue();
    }

    Ledger ledger() {
      return farm().ledger(task().name).orElseThrow();
    }

    FrameBooks frame() {
      return task().frame.orElseThrow();
    }

    /** Something happens to the task, and something to the agent. */
    void goOn() {
      witness().decide(farm(), new FarmEvent.TaskPrioritized(task().name, task().priority + 1));
      witness().decide(farm(), new FarmEvent.AgentAway(agent.name, Absence.SILENT, "no answer"));
    }
  }

  private enum Mistake {
    THE_LEDGER_HAS_A_LEASED_CELL_AS_OPEN {
      @Override
      void plant(Scene scene) {
        scene.ledger().release(scene.cell());
      }
    },
    THE_LEDGER_HAS_A_LEASED_CELL_AS_STORED {
      @Override
      void plant(Scene scene) {
        scene.ledger().store(scene.cell());
      }
    },
    THE_LEDGER_HAS_LOST_A_STORED_CELL {
      @Override
      void plant(Scene scene) {
        scene.ledger().discard(scene.task().stored.iterator().next());
      }
    },
    THE_LEDGER_HAS_LEASED_WHAT_NOBODY_HAS {
      @Override
      void plant(Scene scene) {
        scene.ledger().leaseSamples(1);
      }
    },
    THE_WITNESS_HAS_A_LEASED_CELL_AS_OPEN {
      @Override
      void plant(Scene scene) {
        scene.frame().open(scene.cell());
      }
    },
    THE_WITNESS_HAS_A_LEASED_CELL_AS_STORED {
      @Override
      void plant(Scene scene) {
        scene.frame().store(scene.cell());
      }
    },
    THE_WITNESS_HAS_FORGOTTEN_A_STORED_CELL {
      @Override
      void plant(Scene scene) {
        scene.task().stored.remove(scene.task().stored.iterator().next());
      }
    },
    THE_WITNESS_HAS_FORGOTTEN_A_LEASE {
      @Override
      void plant(Scene scene) {
        scene.agent().live.remove(scene.lease().lease.id());
      }
    },
    THE_WITNESS_HAS_TAKEN_A_LEASE_FOR_LAPSED {
      @Override
      void plant(Scene scene) {
        scene.agent().live.remove(scene.lease().lease.id());
        scene.agent().lapsed.put(scene.lease().lease.id(), scene.lease());
      }
    },
    THE_STORE_HAS_LOST_A_LEASE {
      @Override
      void plant(Scene scene) {
        scene.witness().books().rows.remove(scene.lease().lease.id());
      }
    },
    THE_WITNESS_HAS_ANOTHER_STATE {
      @Override
      void plant(Scene scene) {
        scene.task().state = TaskState.PENDING;
      }
    };

    abstract void plant(Scene scene);
  }

  @Test
  void aFarmWithoutErrorsPassesBothChecks() {
    Scene scene = scene();
    assertThatCode(
            () -> {
              scene.witness().checkFully(scene.farm());
              scene.goOn();
              scene.witness().checkFully(scene.farm());
            })
        .doesNotThrowAnyException();
  }

  @TestFactory
  Stream<DynamicTest> theCheckOfWhatAnEventChangedFindsThat() {
    return Arrays.stream(Mistake.values())
        .map(mistake ->
            DynamicTest.dynamicTest(
                mistake.name(),
                () -> {
                  Scene scene = scene();
                  mistake.plant(scene);
                  assertThatThrownBy(scene::goOn).isInstanceOf(AssertionError.class);
                }));
  }

  @TestFactory
  Stream<DynamicTest> theCheckOfEverythingFindsThat() {
    return Arrays.stream(Mistake.values())
        .map(mistake ->
            DynamicTest.dynamicTest(
                mistake.name(),
                () -> {
                  Scene scene = scene();
                  mistake.plant(scene);
                  assertThatThrownBy(() -> scene.witness().checkFully(scene.farm()))
                      .isInstanceOf(AssertionError.class);
                }));
  }

  @Test
  void sumsThatAreRightDoNotHideAWrongPlace() {
    FrameCut cut = tiles();
    Ledger ledger = new Ledger(cut.size(), cut.samples());
    FrameBooks books = new FrameBooks(cut);
    SampleRange samples = new SampleRange(0, 16);
    Cell left = new Cell(new Tile(0, 0, 64, 128), samples);
    Cell right = new Cell(new Tile(64, 0, 64, 128), samples);
    books.add(left, FrameBooks.Fate.LEASED);
    ledger.leaseAgain(right);
    assertThatCode(() -> books.check(ledger, List.of())).doesNotThrowAnyException();
    assertThatThrownBy(() -> books.check(ledger, List.of(left))).isInstanceOf(AssertionError.class);
    assertThatThrownBy(() -> books.checkFully(ledger, List.of(left), List.of()))
        .isInstanceOf(AssertionError.class);
  }

  @Test
  void aPlaceIsNotTakenTwice() {
    FrameBooks books = new FrameBooks(tiles());
    books.add(new Cell(new Tile(0, 0, 64, 64), new SampleRange(0, 8)), FrameBooks.Fate.STORED);
    assertThatCode(() ->
            books.add(
                new Cell(new Tile(0, 0, 128, 128), new SampleRange(8, 16)), FrameBooks.Fate.LEASED))
        .doesNotThrowAnyException();
    assertThatThrownBy(() ->
            books.add(
                new Cell(new Tile(32, 32, 64, 64), new SampleRange(7, 8)), FrameBooks.Fate.LEASED))
        .isInstanceOf(AssertionError.class);
  }

  private static FrameCut tiles() {
    FrameCut.Decision decision = FrameCut.decide(Strategy.TILES, TestingScene.fixed(128, 128, 16));
    return ((FrameCut.Decision.Taken) decision).cut();
  }

  /** The first seed's farm in which there is something to spoil. */
  private static Scene scene() {
    return LongStream.range(0, 1_000)
        .mapToObj(FarmWitnessTest::scenes)
        .flatMap(List::stream)
        .findFirst()
        .orElseThrow();
  }

  private static List<Scene> scenes(long seed) {
    FarmSimulation simulation =
        new FarmSimulation(seed, FarmSimulation.Scale.SMALL, new DecisionTimes());
    simulation.beTroubled();
    return simulation.witness().books().agents.values().stream()
        .filter(BookedAgent::isUsable)
        .flatMap(agent ->
            agent.live.values().stream()
                .filter(BookedLease::renders)
                .filter(lease -> !lease.task.stored.isEmpty() && lease.task.openWork() > 0)
                .map(lease -> new Scene(simulation, agent, lease)))
        .toList();
  }
}
