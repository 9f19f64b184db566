"""Base layer without statistics: settings and TOML, number formats, rules of wording, axes, results written whole."""
