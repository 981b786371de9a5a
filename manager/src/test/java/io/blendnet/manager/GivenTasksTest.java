package io.blendnet.manager;

import static org.assertj.core.api.Assertions.assertThat;

import io.blendnet.domain.TaskName;
import org.junit.jupiter.api.Test;

/** What an agent may speak of. */
class GivenTasksTest {
  private final GivenTasks given = new GivenTasks();

  @Test
  void anAgentSpeaksOfItsOwnTasksAlone() {
    given.add(new TaskName("its own"));

    assertThat(given.find("its own")).contains(new TaskName("its own"));
    assertThat(given.find("another")).isEmpty();
    assertThat(given.find("../no task at all")).isEmpty();
  }

  @Test
  void onlyTheLatestAreRemembered() {
    for (int i = 0; i <= GivenTasks.MOST; i++) {
      given.add(new TaskName("task " + i));
    }

    assertThat(given.find("task 0")).isEmpty();
    assertThat(given.find("task 1")).isPresent();
  }
}
