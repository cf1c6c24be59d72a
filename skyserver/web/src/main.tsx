document.body.textContent = "SkyServer";
