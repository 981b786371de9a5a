package io.blendnet.blender;

/** What went wrong in a session. */
public enum SessionFailure {
  /** The scene cannot be rendered as it is: no camera, unreadable file, missing engine. */
  SCENE,
  /** Blender ran out of memory, the computer's or the graphics card's. */
  MEMORY,
  /** Blender crashed, hung or answered nonsense. */
  BLENDER,
  /** The machine cannot do it: Blender does not start, disk full, folder not writable. */
  MACHINE,
  /** The computer's owner does not allow it: a scene's scripts outside a sandbox. */
  REFUSED
}
