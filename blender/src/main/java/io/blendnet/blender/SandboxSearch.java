package io.blendnet.blender;

/** Whether there is a sandbox for Blender on this computer. */
public sealed interface SandboxSearch {
  /** There is, and it works: a program has been run in it. */
  record Found(Sandbox sandbox) implements SandboxSearch {}

  /**
   * There is none.
   *
   * @param reason what is missing and how to get it, in sentences
   */
  record Missing(String reason) implements SandboxSearch {}
}
