"""The trainings behind what the lab ships and claims, each as one command that can be run again."""
