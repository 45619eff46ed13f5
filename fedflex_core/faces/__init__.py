"""How a study is shown to people: dashboards, posters and plots."""
