// Package tray is the agent's icon and menu in the desktop's tray: menuFor
// says what the menu holds, a thin binding gives it to Fyne.
package tray
