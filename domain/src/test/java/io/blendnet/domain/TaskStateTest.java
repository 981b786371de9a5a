package io.blendnet.domain;

import static io.blendnet.domain.TaskState.COMPLETED;
import static io.blendnet.domain.TaskState.CREATED;
import static io.blendnet.domain.TaskState.ERROR;
import static io.blendnet.domain.TaskState.PENDING;
import static io.blendnet.domain.TaskState.RUNNING;
import static io.blendnet.domain.TaskState.STOPPED;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class TaskStateTest {
  @ParameterizedTest
  @EnumSource
  void aTaskChangesItsStateByTheTableAlone(TaskState state) {
    TaskState[] next =
        switch (state) {
          case CREATED -> new TaskState[] {PENDING};
          case PENDING -> new TaskState[] {RUNNING, STOPPED, ERROR};
          case RUNNING -> new TaskState[] {PENDING, STOPPED, COMPLETED, ERROR};
          case STOPPED, ERROR -> new TaskState[] {PENDING};
          case COMPLETED -> new TaskState[] {};
        };
    assertThat(TaskState.values()).filteredOn(state::mayBecome).containsExactlyInAnyOrder(next);
  }

  @ParameterizedTest
  @EnumSource
  void theSchedulerHasToDoWithPendingAndRunningTasksOnly(TaskState state) {
    assertThat(state.isActive()).isEqualTo(state == PENDING || state == RUNNING);
    assertThat(state.mayBecome(state)).isFalse();
  }

  @ParameterizedTest
  @EnumSource(names = {"CREATED", "STOPPED", "ERROR"})
  void onlyAPendingTaskIsGivenToAgents(TaskState state) {
    assertThat(state.mayBecome(RUNNING)).isFalse();
    assertThat(CREATED.mayBecome(ERROR)).isFalse();
    assertThat(STOPPED.mayBecome(ERROR)).isFalse();
  }
}
