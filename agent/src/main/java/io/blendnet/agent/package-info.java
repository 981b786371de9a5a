/** The Agent server: takes leases, renders cells in a Blender session, delivers them. */
@NullMarked
package io.blendnet.agent;

import org.jspecify.annotations.NullMarked;
